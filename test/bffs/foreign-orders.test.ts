import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWebServer } from '../../bffs/web/server.ts';
import { loadConfig } from '../../shared/config/config.ts';
import type { Runtime } from '../../shared/server/runtime.ts';
import { askGraphql, type Stack, startStack } from '../support/stack.ts';

interface AuditLine {
  readonly event: string;
  readonly who: string | null;
  readonly what: string;
  readonly outcome: string;
  readonly requestId: string;
}

let stack: Stack;
let web: Runtime;
let audited: AuditLine[];

beforeAll(async () => {
  stack = await startStack();
  web = await startWithAudit(stack.env);
});

afterAll(async () => {
  await web.close('now');
  await stack.close();
});

function startWithAudit(env: Readonly<Record<string, string>>): Promise<Runtime> {
  audited = [];
  return startWebServer(loadConfig({ ...env, LOG_LEVEL: 'error' }), {
    logDestination: {
      write(line: string) {
        const parsed = JSON.parse(line) as AuditLine & { audit?: boolean };
        if (parsed.audit === true) audited.push(parsed);
      },
    },
  });
}

const ask = async (query: string, viewerId: string, variables: Record<string, unknown>) =>
  askGraphql(`${web.url}/graphql`, query, {
    token: await stack.shop.token(viewerId),
    variables,
    headers: { 'x-request-id': 'req-1' },
  });

async function orderOf(viewerId: string): Promise<string> {
  const { body } = await ask('{ orders(first: 1) { nodes { id } } }', viewerId, {});
  return body.data.orders.nodes[0].id;
}

const read = 'query ($id: ID!) { order(id: $id) { id } }';
const cancel =
  'mutation ($id: ID!) { cancelOrder(id: $id, idempotencyKey: "foreign") { order { id } failure { __typename } } }';

test('another’s order is answered as a missing one, and each time that it is asked for is in the audit log', async () => {
  const id = await orderOf('user-1');
  audited = [];
  const [own, foreign, missing, again] = [
    await ask(read, 'user-1', { id }),
    await ask(read, 'user-2', { id }),
    await ask(read, 'user-2', { id: 'order-999999' }),
    await ask(read, 'user-2', { id }),
  ];
  expect(own.body).toEqual({ data: { order: { id } } });
  for (const { body } of [foreign, missing, again]) expect(body).toEqual({ data: { order: null } });
  const line = { event: 'foreign-access', who: 'user-2', outcome: 'NOT_FOUND', requestId: 'req-1' };
  expect(audited).toEqual(
    [id, 'order-999999', id].map((asked) => expect.objectContaining({ ...line, what: `order ${asked}` })),
  );
});

test('to cancel another’s order is in the audit log as what it is', async () => {
  const id = await orderOf('user-1');
  audited = [];
  const { body } = await ask(cancel, 'user-2', { id });
  expect(body.data.cancelOrder).toEqual({ order: null, failure: { __typename: 'OrderNotFound' } });
  expect(audited.map(({ event, who, what }) => [event, who, what])).toEqual([
    ['foreign-access', 'user-2', `order ${id}`],
    ['mutation', 'user-2', 'cancelOrder'],
  ]);
});
