import { randomUUID } from 'node:crypto';
import type { Fault } from './fault.ts';
import { type Lab, type ServerUnderFault, uncached } from './lab.ts';
import { pause } from './outcome.ts';

const place = /* GraphQL */ `
  mutation ($input: PlaceOrderInput!, $key: ID!) {
    placeOrder(input: $input, idempotencyKey: $key) { order { id } failure { __typename } }
  }
`;

async function createOrdering(lab: Lab, server: ServerUnderFault) {
  const search = '{ search(filter: { inStock: true }, first: 1) { nodes { id price(currency: EUR) { amount } } } }';
  const { body } = await server.ask(search, { token: lab.token });
  const { id, price } = body.data.search.nodes[0];
  const input = { currency: 'EUR', lines: [{ productId: id, quantity: 1, unitPrice: price.amount }] };
  return {
    async place(key: string): Promise<{ order: { id: string } | null; failure: { __typename: string } | null }> {
      const answer = await server.ask(place, { token: lab.token, variables: { input, key } });
      return answer.body.data?.placeOrder ?? { order: null, failure: { __typename: 'error' } };
    },
    async count(): Promise<number> {
      const answer = await server.ask('{ orders(first: 1) { totalCount } }', { token: lab.token });
      return answer.body.data.orders.totalCount;
    },
  };
}

/** F90: a write whose answer is lost. */
export const writeFaults: readonly Fault[] = [
  {
    id: 'F90',
    fault: "a write's answer is lost",
    promise:
      'OutcomeUnknown; the same key again gives the one outcome; 1000 same-key callers at once (25 in `npm test`): 1 order',
    expected: { lost: 'OutcomeUnknown', again: 'an order', orders: 1, atOnce: 1 },
    off: { name: 'another key each time', options: {} },
    async meet(lab) {
      const policy = { ...uncached.policy, maxInFlight: 2000 };
      const server = await lab.start({ ...uncached, policy });
      const ordering = await createOrdering(lab, server);
      const key = randomUUID();
      const keyOf = (): string => (lab.isOff ? randomUUID() : key);
      const before = await ordering.count();
      lab.fault('orders', { route: 'POST /orders', reset: true, after: true });
      const lost = await ordering.place(keyOf());
      lab.mend();
      await pause(50);
      const again = await ordering.place(keyOf());
      const orders = (await ordering.count()) - before;
      const shared = randomUUID();
      const length = lab.count({ short: 25, full: 1000 });
      const callers = Array.from({ length }, () => ordering.place(lab.isOff ? randomUUID() : shared));
      const ids = (await Promise.all(callers)).flatMap(({ order }) => order?.id ?? []);
      const atOnce = (await ordering.count()) - before - orders;
      return {
        lost: lost.failure?.__typename ?? 'an order',
        again: again.order === null ? (again.failure?.__typename ?? 'nothing') : 'an order',
        orders,
        callers: length,
        answered: ids.length,
        atOnce: Math.max(atOnce, new Set(ids).size),
      };
    },
  },
];
