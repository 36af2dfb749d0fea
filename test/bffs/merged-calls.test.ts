import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMobileServer } from '../../bffs/mobile/server.ts';
import { loadConfig } from '../../shared/config/config.ts';
import type { Runtime } from '../../shared/server/runtime.ts';
import { askGraphql, type Stack, startStack } from '../support/stack.ts';

interface Arrival {
  readonly ids: readonly string[];
  readonly headers: IncomingHttpHeaders;
}

let stack: Stack;
let front: Server;
let mobile: Runtime;
const arrivals: Arrival[] = [];
/** The answers wait for this. */
let gate: Promise<void> = Promise.resolve();

/** The catalog's own address, with somebody before it who writes down what comes. */
beforeAll(async () => {
  stack = await startStack();
  const [catalog = ''] = stack.shop.services.catalog;
  front = createServer((request, response) => {
    const url = new URL(request.url ?? '', catalog);
    const ids = url.searchParams.getAll('ids').flatMap((list) => list.split(','));
    arrivals.push({ ids, headers: request.headers });
    const { host: _, connection: __, ...headers } = request.headers;
    void gate
      .then(() => fetch(url, { headers: headers as Record<string, string> }))
      .then(async (answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      });
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { port } = front.address() as AddressInfo;
  // In development an answer reports the calls that were made for it.
  const env = { ...stack.env, NODE_ENV: 'development', CATALOG_URLS: `http://127.0.0.1:${port}` };
  // One long window instead of 1 ms, so that the requests meet however busy this machine is.
  mobile = await startMobileServer(loadConfig(env, { hasImages: true }), {
    cache: { mergeWindowMs: 5000 },
    // And no health checks, which would arrive among the calls.
    policy: { attemptTimeoutMs: 8000, isTimeoutAdaptive: false, isHedging: false, healthCheckIntervalMs: 0 },
  });
});

afterAll(async () => {
  await mobile.close('now');
  front.closeAllConnections();
  front.close();
  await stack.close();
});

async function productIds(): Promise<string[]> {
  const { body } = await stack.askMobile('{ search(first: 5) { nodes { id } } }');
  return body.data.search.nodes.map(({ id }: { id: string }) => id);
}

it('a call for several viewers is the server’s own, and stands in each one’s report', async () => {
  const [first = '', ...others] = await productIds();
  const ask = async (productId: string, viewerId: string) =>
    askGraphql(`${mobile.url}/graphql`, `{ product(id: "${productId}") { id name } }`, {
      token: await stack.shop.token(viewerId),
      headers: { 'x-request-id': `request-of-${viewerId}`, 'x-install-id': `install-of-${viewerId}` },
    });
  const opened = Promise.withResolvers<void>();
  gate = opened.promise;
  const alone = ask(first, 'user-1');
  await expect.poll(() => arrivals.length).toBe(1);
  const together = others.map((id, index) => ask(id, `user-${index + 2}`));
  // All of them wait now: one for its answer, the others for company.
  await expect.poll(callsUnderWay).toBe(1 + others.length);
  expect(arrivals).toHaveLength(1);
  opened.resolve();
  const answers = await Promise.all(together);
  await alone;

  expect(arrivals).toHaveLength(2);
  const [own, merged] = arrivals;
  expect(merged?.ids.toSorted()).toEqual(others.toSorted());
  expect(own?.headers['x-correlation-id']).toBe('request-of-user-1');
  expect(merged?.headers.authorization).toBe(`Bearer ${stack.env['SERVICE_TOKEN']}`);
  expect(merged?.headers['x-correlation-id']).toMatch(/^[0-9a-f]{32}$/);
  expect(JSON.stringify(merged?.headers)).not.toMatch(/user-\d|viewer|install|-of-/);
  answers.forEach(({ body }, index) => {
    expect(body.data.product.id).toBe(others[index]);
    expect(body.extensions?.['report']).toMatchObject({
      calls: [{ service: 'catalog', keyCount: others.length, outcome: '200' }],
    });
  });
});

async function callsUnderWay(): Promise<number> {
  const response = await fetch(`${mobile.adminUrl}/health`);
  const { cache } = (await response.json()) as { cache: { callsUnderWay: number } };
  return cache.callsUnderWay;
}
