import { gzipSync } from 'node:zlib';
import { atMost } from './bound.ts';
import type { Fault } from './fault.ts';
import type { Fronts, Reaction } from './front.ts';
import { addresses, type Lab, type ServerUnderFault, uncached } from './lab.ts';
import { codeOf, outcomeOf, productQuery } from './outcome.ts';

const idOf = (index: number): string => `product-${index + 1}`;
const tenIds = Array.from({ length: 10 }, (_, index) => idOf(index));
const tenQuery = `{ products(ids: ${JSON.stringify(tenIds)}) { id name availability price { amount } } viewer { id } }`;

/** A server whose catalog's answers are in the row's hands. */
async function startFronted(lab: Lab, react: Fronts['react']): Promise<{ fronts: Fronts; server: ServerUnderFault }> {
  const fronts = await lab.fronts('catalog', { react });
  const server = await lab.start({ ...uncached, env: addresses('catalog', fronts.urls) });
  return { fronts, server };
}

interface WireProducts {
  readonly items: readonly { readonly id: string; readonly [name: string]: unknown }[];
}

/** Changes the products of an answer; what has none, as a refusal, stays as it is. */
function changing(change: (items: WireProducts['items']) => readonly unknown[]): Reaction {
  return { change: (body: Partial<WireProducts>) => (body.items ? { ...body, items: change(body.items) } : body) };
}

/** What a loader would make of the service's answer that takes the third item for the third id, as most examples of one do. */
async function byPosition(
  lab: Lab,
  fronts: Fronts,
  ids: readonly string[],
): Promise<{ readonly body: Awaited<ReturnType<ServerUnderFault['ask']>>['body'] }> {
  const authorization = `Bearer ${await lab.shop.serviceToken('bff')}`;
  const answer = await fetch(`${fronts.urls[0]}/products?ids=${ids.join(',')}`, { headers: { authorization } });
  const { items } = (await answer.json()) as WireProducts;
  return { body: { data: { products: ids.map((_, at) => items[at] ?? null) } } };
}

/** The first error's code and where it is, and how many there are. */
function errorsOf(body: Awaited<ReturnType<ServerUnderFault['ask']>>['body']): string {
  const errors = body.errors ?? [];
  return errors.map((error) => `${codeOf(error)} at ${error.path?.join('.') ?? '?'}`).join(', ') || 'none';
}

function badResponse(id: string, fault: string, reaction: () => Reaction): Fault {
  return {
    id,
    fault,
    promise: 'PARTIAL(BAD_RESPONSE); 0 retries, counted, body not echoed',
    expected: { outcome: 'PARTIAL(BAD_RESPONSE)', calls: 1, isEchoed: false, afterFive: 'PARTIAL(CIRCUIT_OPEN)' },
    off: { name: 'hasBreaker: false', options: { policy: { hasBreaker: false } } },
    async meet(lab) {
      const { fronts, server } = await startFronted(lab, reaction);
      const answer = await server.ask(productQuery, { token: lab.token });
      const calls = fronts.requests.length;
      for (let i = 0; i < 4; i += 1) await server.ask(productQuery, { token: lab.token });
      const afterFive = outcomeOf(await server.ask(productQuery, { token: lab.token }));
      return { outcome: outcomeOf(answer), calls, isEchoed: JSON.stringify(answer.body).includes('secret'), afterFive };
    },
  };
}

const html = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>secret</html>' };

/** F20-F33: answers that are not what they should be. */
export const answerFaults: readonly Fault[] = [
  badResponse('F20', '200 + malformed JSON, or text/html', () =>
    Math.random() < 0.5 ? html : { status: 200, body: '{"secret":' },
  ),
  {
    id: 'F22',
    fault: 'endless body, gzip bomb',
    promise: 'PARTIAL(BAD_RESPONSE); stopped at 5 MB decoded; read from the socket at most 5 MB + one window',
    expected: {
      endless: 'PARTIAL(BAD_RESPONSE)',
      bomb: 'PARTIAL(BAD_RESPONSE)',
      sentMb: atMost(17),
      sockets: atMost(1),
    },
    off: { name: 'maxBodyBytes: 60 MB', options: { policy: { maxBodyBytes: 60_000_000 } } },
    async meet(lab) {
      let sentBytes = 0;
      const { fronts, server } = await startFronted(lab, () => ({
        play(response) {
          response.writeHead(200, { 'content-type': 'application/json' });
          const chunk = Buffer.alloc(65_536, ' ');
          const pump = (): void => {
            while (!response.destroyed) {
              sentBytes = response.socket?.bytesWritten ?? sentBytes;
              if (!response.write(chunk)) return void response.once('drain', pump);
            }
          };
          pump();
        },
      }));
      const endless = outcomeOf(await server.ask(productQuery, { token: lab.token }));
      const sockets = [...fronts.sockets].filter(({ destroyed }) => !destroyed).length;
      const bomb = gzipSync(Buffer.alloc(50_000_000, ' '), { level: 9 });
      fronts.react = () => ({ status: 200, headers: { 'content-encoding': 'gzip' }, body: bomb });
      const bombed = outcomeOf(await server.ask(productQuery, { token: lab.token }));
      // What the kernel's two buffers hold is sent and never read: some 12 MB on a loopback.
      return { endless, bomb: bombed, sentMb: Math.round(sentBytes / 1e6), sockets };
    },
  },
  {
    id: 'F23',
    fault: '204 / empty body',
    promise: 'BAD_RESPONSE where the contract has a body',
    expected: { noContent: 'PARTIAL(BAD_RESPONSE)', empty: 'PARTIAL(BAD_RESPONSE)' },
    off: { rule: 'every answer is read by its endpoint, and no body is none that a product could be read from' },
    async meet(lab) {
      const { fronts, server } = await startFronted(lab, () => ({ status: 204, body: '' }));
      const noContent = outcomeOf(await server.ask(productQuery, { token: lab.token }));
      fronts.react = () => ({ status: 200, body: '' });
      return { noContent, empty: outcomeOf(await server.ask(productQuery, { token: lab.token })) };
    },
  },
  {
    id: 'F24',
    fault: 'redirect to an internal host',
    promise: 'BAD_RESPONSE; 0 followed',
    expected: { outcome: 'PARTIAL(BAD_RESPONSE)', followed: 0 },
    off: { name: "Node's fetch in our client's place", options: {} },
    async meet(lab) {
      const inner = await lab.fronts('users');
      const { fronts, server } = await startFronted(lab, () => ({
        status: 302,
        headers: { location: `${inner.urls[0] ?? ''}/internal` },
      }));
      if (lab.isOff) {
        const { status } = await fetch(`${fronts.urls[0]}/products?ids=product-22`);
        return { outcome: `HTTP ${status} of the internal host`, followed: inner.requests.length };
      }
      const outcome = outcomeOf(await server.ask(productQuery, { token: lab.token }));
      return { outcome, followed: inner.requests.length };
    },
  },
  {
    id: 'F25',
    fault: 'null in a non-null field',
    promise: 'null up to the nearest nullable parent; siblings intact',
    expected: { errors: 'BAD_RESPONSE at products.3.name', others: 9, viewer: true },
    off: { rule: 'each member of a record is checked as it is read, null where the schema has none included' },
    async meet(lab) {
      const { server } = await startFronted(lab, () =>
        changing((items) => items.map((item) => (item.id === idOf(3) ? { ...item, name: null } : item))),
      );
      const { body } = await server.ask(tenQuery, { token: lab.token });
      return {
        errors: errorsOf(body),
        others: body.data?.products.filter((product: unknown) => product !== null).length,
        viewer: body.data?.viewer !== null,
      };
    },
  },
  {
    id: 'F26',
    fault: '"12" for an Int, a price that is no number',
    promise: 'BAD_RESPONSE there; never a silently wrong price',
    expected: { text: 'BAD_RESPONSE at products.3.price', fraction: 'BAD_RESPONSE at products.3.price', whole: 9 },
    off: { rule: 'a price is read as a whole number of minor units, and nothing is converted into one' },
    async meet(lab) {
      const priced = (amount: unknown) =>
        changing((items) =>
          items.map((item) => (item.id === idOf(3) ? { ...item, prices: [{ currency: 'EUR', amount }] } : item)),
        );
      const { fronts, server } = await startFronted(lab, () => priced('12'));
      const text = await server.ask(tenQuery, { token: lab.token });
      fronts.react = () => priced(12.5);
      const fraction = await server.ask(tenQuery, { token: lab.token });
      return {
        text: errorsOf(text.body),
        fraction: errorsOf(fraction.body),
        whole: text.body.data?.products.filter((product: { price?: unknown } | null) => product?.price).length,
      };
    },
  },
  {
    id: 'F27',
    fault: 'unknown enum value',
    promise: 'null + error there; the list survives',
    expected: { errors: 'BAD_RESPONSE at products.3.availability', products: 10, known: 9 },
    off: { rule: 'what a service calls a state is looked up in a list of what we know' },
    async meet(lab) {
      const stock = { available: 3, status: 'on-the-moon' };
      const { server } = await startFronted(lab, () =>
        changing((items) => items.map((item) => (item.id === idOf(3) ? { ...item, stock } : item))),
      );
      const { body } = await server.ask(tenQuery, { token: lab.token });
      const products: readonly ({ availability: string | null } | null)[] = body.data?.products ?? [];
      return {
        errors: errorsOf(body),
        products: products.filter((product) => product !== null).length,
        known: products.filter((product) => product?.availability).length,
      };
    },
  },
  {
    id: 'F28',
    fault: 'unknown extra fields',
    promise: 'success',
    expected: { errors: 'none', products: 10 },
    off: { rule: 'a record is made of the members that are read by name; the others are not looked at' },
    async meet(lab) {
      const { server } = await startFronted(lab, () =>
        changing((items) => items.map((item) => ({ ...item, colour: 'blue', __proto: { deep: [1, { more: null }] } }))),
      );
      const { body } = await server.ask(tenQuery, { token: lab.token });
      return { errors: errorsOf(body), products: body.data?.products.filter(Boolean).length };
    },
  },
  {
    id: 'F29',
    fault: 'batch answers 7 of 10',
    promise: '7 values, 3 null; 1 call',
    expected: { values: 7, nulls: 3, mismatches: 0, errors: 'none', calls: 1 },
    off: { name: 'the same answer taken by position', options: {} },
    async meet(lab) {
      const missing = new Set([idOf(2), idOf(4), idOf(8)]);
      const { fronts, server } = await startFronted(lab, () =>
        changing((items) => items.filter(({ id }) => !missing.has(id))),
      );
      const { body } = lab.isOff
        ? await byPosition(lab, fronts, tenIds)
        : await server.ask(tenQuery, { token: lab.token });
      const products: readonly ({ id: string } | null)[] = body.data?.products ?? [];
      const values = products.filter((product) => product !== null).length;
      return {
        values,
        nulls: products.length - values,
        mismatches: products.filter((product, at) => product !== null && product.id !== tenIds[at]).length,
        errors: errorsOf(body),
        calls: fronts.requests.length,
      };
    },
  },
  {
    id: 'F30',
    fault: 'batch shuffled, duplicated, foreign ids',
    promise: 'each id its own value; 0 mismatches in 10,000 random batches (100 in `npm test`)',
    expected: { mismatches: 0, errors: 0 },
    off: { name: 'the same answers taken by position', options: {} },
    async meet(lab) {
      const { fronts, server } = await startFronted(lab, () =>
        changing((items) => {
          const foreign = items
            .slice(0, 2)
            .map((item) => ({ ...item, id: `product-${900 + items.length}`, name: 'foreign' }));
          return [...items, ...items.slice(3, 5), ...foreign].toSorted(() => Math.random() - 0.5);
        }),
      );
      const plain = await lab.start({ ...uncached });
      const names = new Map<string, string>();
      const all = Array.from({ length: 40 }, (_, index) => idOf(index));
      const ask = 'query ($ids: [ID!]!) { products(ids: $ids) { id name } viewer { id } }';
      const known = await plain.ask(ask, { token: lab.token, variables: { ids: all } });
      for (const { id, name } of known.body.data.products) names.set(id, name);
      let mismatches = 0;
      let errors = 0;
      const batches = lab.count({ short: 100, full: 10_000 });
      for (let i = 0; i < batches; i += 1) {
        const ids = all.filter(() => Math.random() < 0.3);
        const { body } = lab.isOff
          ? await byPosition(lab, fronts, ids)
          : await server.ask(ask, { token: lab.token, variables: { ids } });
        errors += body.errors?.length ?? 0;
        ids.forEach((id, at) => {
          const product = body.data?.products[at];
          if (product?.id !== id || product.name !== names.get(id)) mismatches += 1;
        });
      }
      return { batches, mismatches, errors };
    },
  },
  {
    id: 'F32',
    fault: 'one item of a batch failed',
    promise: 'that path alone errors',
    expected: { errors: 'BAD_RESPONSE at products.3.name', whole: 9 },
    off: { rule: 'each record of a batch is read by itself, and its failure is its own' },
    async meet(lab) {
      lab.fault('catalog', { body: { items: { 3: { name: { broken: true } } } } });
      const server = await lab.start(uncached);
      const { body } = await server.ask(tenQuery, { token: lab.token });
      return { errors: errorsOf(body), whole: body.data?.products.filter(Boolean).length };
    },
  },
  {
    id: 'F33',
    fault: 'batch endpoint says 413/414',
    promise: 'split, succeeds',
    expected: { tooLarge: 10, tooLong: 10, errors: 'none' },
    off: { name: '400 in their place, which nothing splits for', options: {} },
    async meet(lab) {
      const refusing =
        (status: number): Fronts['react'] =>
        ({ message }) => {
          const ids = new URL(message.url ?? '', 'http://x').searchParams.get('ids')?.split(',') ?? [];
          return ids.length > 4 ? { status: lab.isOff ? 400 : status } : 'pass';
        };
      const { fronts, server } = await startFronted(lab, refusing(413));
      const tooLarge = await server.ask(tenQuery, { token: lab.token });
      fronts.react = refusing(414);
      const tooLong = await server.ask(tenQuery, { token: lab.token });
      return {
        tooLarge: tooLarge.body.data?.products.filter(Boolean).length,
        tooLong: tooLong.body.data?.products.filter(Boolean).length,
        errors: errorsOf(tooLarge.body),
      };
    },
  },
];
