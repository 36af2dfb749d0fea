import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import { startMobileServer } from '../../bffs/mobile/server.ts';
import { startWebServer } from '../../bffs/web/server.ts';
import { loadConfig } from '../../shared/config/config.ts';
import { RequestContext } from '../../shared/domains/context.ts';
import { createClockAhead } from '../support/clock-ahead.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { askGraphql, type Stack, startStack } from '../support/stack.ts';

const production = {
  NODE_ENV: 'production',
  DOCUMENTS: 'open',
  IMAGE_BASE_URL: 'https://pictures.shop.example',
  IMAGE_KEYS: `2026:${'k'.repeat(32)}`,
  IMAGE_ORIGINS: 'https://media.shop.example',
  IMAGE_CACHE_DIR: '/nowhere',
};

let redis: RedisServer;
let stack: Stack;
let productIds: readonly string[];
/** Called when a request's context ends: once for each answer that was made. */
let runs: Mock<RequestContext['end']>;

beforeAll(async () => {
  redis = await startRedisServer();
  // These schedules change a profile more often than a person may.
  stack = await startStack({ env: { ...production, REDIS_URL: redis.url, RATE_LIMIT_SENSITIVE_CALLS: '1000' } });
  const { body } = await stack.askMobile('{ search(filter: { inStock: true }, first: 40) { nodes { id } } }');
  productIds = body.data.search.nodes.map(({ id }: { id: string }) => id);
});

afterAll(async () => {
  await stack.close();
  await redis.close();
});

beforeEach(() => {
  runs = vi.spyOn(RequestContext.prototype, 'end');
  return () => {
    runs.mockRestore();
  };
});

const home = /* GraphQL */ `
  {
    home {
      viewer { id name }
      recommendations(first: 4) { id name price { formatted } }
    }
    orders(first: 1) { nodes { id } }
  }
`;
const long = home.replace('first: 4', 'first: 20');
const atOnce = 10;
const update = 'mutation ($name: String!) { updateProfile(input: { name: $name }) { viewer { id name } } }';
const place = /* GraphQL */ `
  mutation ($input: PlaceOrderInput!, $key: ID!) {
    placeOrder(input: $input, idempotencyKey: $key) { order { id } failure { __typename } }
  }
`;

/** Asks until the answer is given out again; returns it. */
async function warm(query: string, ask: Parameters<Stack['askMobile']>[1] = {}) {
  await vi.waitFor(
    async () => {
      const before = runs.mock.calls.length;
      await stack.askMobile(query, ask);
      expect(runs.mock.calls.length).toBe(before);
    },
    { interval: 20, timeout: 15_000 },
  );
  return stack.askMobile(query, ask);
}

/** Whether the phone's server runs this for this request. */
async function isRun(ask: () => Promise<unknown>): Promise<boolean> {
  const before = runs.mock.calls.length;
  await ask();
  return runs.mock.calls.length > before;
}

type Step = 'home' | 'viewer' | 'orders' | 'product' | 'update' | 'place' | 'updateElsewhere' | 'placeElsewhere';

/** One viewer at one phone, who knows what must be seen. */
async function openPhone(viewerId: string) {
  const token = await stack.shop.token(viewerId);
  let name: string | undefined;
  let newestOrder: string | undefined;

  function checkViewer(viewer: { id: string; name: string } | null): void {
    if (viewer === null) return;
    expect(viewer.id).toBe(viewerId);
    name ??= viewer.name;
    expect(viewer.name).toBe(name);
  }

  function checkOrders(orders: { nodes: readonly { id: string }[] } | null): void {
    if (orders === null) return;
    const { nodes } = orders;
    newestOrder ??= nodes[0]?.id;
    expect(nodes[0]?.id).toBe(newestOrder);
  }

  async function query(document: string, variables?: Record<string, unknown>) {
    const { body } = await stack.askMobile(document, { token, ...(variables === undefined ? {} : { variables }) });
    // A busy machine may be late with a part; what is there must be right.
    for (const { extensions } of body.errors ?? []) expect(extensions).toMatchObject({ retryable: true });
    return body.data;
  }

  async function updateBy(ask: Stack['askMobile']): Promise<void> {
    name = `Name ${randomUUID()}`;
    const { body } = await ask(update, { token, variables: { name } });
    expect(body.data.updateProfile.viewer).toEqual({ id: viewerId, name });
  }

  async function placeBy(ask: Stack['askMobile'], productId: string): Promise<void> {
    const { product } = await query('query ($id: ID!) { product(id: $id) { price(currency: EUR) { amount } } }', {
      id: productId,
    });
    if (!product?.price) return;
    const input = { currency: 'EUR', lines: [{ productId, quantity: 1, unitPrice: product.price.amount }] };
    const { body } = await ask(place, { token, variables: { input, key: randomUUID() } });
    newestOrder = body.data.placeOrder.order?.id ?? newestOrder;
  }

  return async (step: Step, productId: string): Promise<void> => {
    if (step === 'home') {
      const data = await query(home);
      checkViewer(data.home?.viewer ?? null);
      checkOrders(data.orders);
    } else if (step === 'viewer') checkViewer((await query('{ viewer { id name } }')).viewer);
    else if (step === 'orders') checkOrders((await query('{ orders(first: 1) { nodes { id } } }')).orders);
    else if (step === 'product') {
      const data = await query('query ($id: ID!) { product(id: $id) { id } }', { id: productId });
      expect(data.product?.id ?? productId).toBe(productId);
    } else if (step === 'update') await updateBy(stack.askMobile);
    else if (step === 'place') await placeBy(stack.askMobile, productId);
    else if (step === 'updateElsewhere') await updateBy(stack.askWeb);
    else await placeBy(stack.askWeb, productId);
  };
}

describe('answers of a phone’s server in production', () => {
  it('show 50 viewers nobody else’s data and none of their own that is older than their last write', async () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 10, arbitrary: fc.constantFrom<Step>('home', 'viewer', 'orders', 'product') },
        { weight: 2, arbitrary: fc.constantFrom<Step>('update', 'place') },
        { weight: 1, arbitrary: fc.constantFrom<Step>('updateElsewhere', 'placeElsewhere') },
      ),
      { minLength: 14, maxLength: 14 },
    );
    const schedules = fc.array(fc.tuple(steps, fc.array(fc.nat({ max: 39 }), { minLength: 14, maxLength: 14 })), {
      minLength: 50,
      maxLength: 50,
    });
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(schedules, async (viewers) => {
        const waiting = viewers.entries();
        await Promise.all(
          Array.from({ length: atOnce }, async () => {
            // Whoever is free takes the next viewer.
            for (const [index, [viewerSteps, products]] of waiting) {
              const run = await openPhone(`user-${index + 1}`);
              // Twice what is asked for once: what is given out again is, mostly.
              for (const [at, step] of viewerSteps.entries()) {
                const productId = productIds[(products[at] ?? 0) % productIds.length] ?? '';
                const times = step in { home: 0, viewer: 0, orders: 0, product: 0 } ? 3 : 1;
                for (let i = 0; i < times; i += 1) {
                  asked += 1;
                  await run(step, productId);
                }
              }
            }
          }),
        );
      }),
      { numRuns: 1, endOnFailure: true },
    );
    expect(asked).toBeGreaterThan(1000);
    expect(runs.mock.calls.length).toBeLessThan(asked * 0.8);
  });

  it('are given out again, byte by byte, compressed or not', async () => {
    const token = await stack.shop.token('user-60');
    const first = await warm(long, { token });
    for (const coding of ['identity', 'gzip', 'br', 'gzip', 'br', 'identity']) {
      let again: Awaited<ReturnType<Stack['askMobile']>> | undefined;
      const ask = async () => {
        again = await stack.askMobile(long, { token, headers: { 'accept-encoding': coding } });
      };
      expect(await isRun(ask)).toBe(false);
      expect(again?.body).toEqual(first.body);
      expect(again?.headers.get('content-encoding') ?? 'identity').toBe(coding);
      expect(again?.headers.get('cache-control')).toBe('private, no-store');
      expect(again?.headers.get('vary')).toBe(first.headers.get('vary'));
    }
  });

  it('are each token’s own, and nobody’s without one', async () => {
    const [token, other, foreign] = await Promise.all([
      stack.shop.token('user-61'),
      stack.shop.token('user-61', { scope: 'shop:read' }),
      stack.shop.token('user-62'),
    ]);
    await warm('{ viewer { id } }', { token });
    expect(await isRun(() => stack.askMobile('{ viewer { id } }', { token: other }))).toBe(true);
    const { body } = await warm('{ viewer { id } }', { token: foreign });
    expect(body.data.viewer.id).toBe('user-62');
    expect((await stack.askMobile('{ viewer { id } }')).body.data.viewer).toBeNull();
    expect((await stack.askMobile('{ viewer { id } }', { token })).body.data.viewer.id).toBe('user-61');
  });

  it('that are public are shared, with those who have no token too', async () => {
    const query = `{ product(id: "${productIds[0]}") { id name } }`;
    await warm(query, { token: await stack.shop.token('user-63') });
    expect(await isRun(() => stack.askMobile(query))).toBe(false);
  });

  it('are not given out again while a picture’s placeholder is missing', async () => {
    const picture = (fields: string) => `{ product(id: "${productIds[1]}") { id image(size: CARD) { ${fields} } } }`;
    await warm(picture('url'));
    for (let i = 0; i < 3; i += 1) {
      expect(await isRun(() => stack.askMobile(picture('url placeholder')))).toBe(true);
    }
  });

  it('are run again after another server’s write', async () => {
    const token = await stack.shop.token('user-64');
    await warm('{ viewer { id name } }', { token });
    await stack.askWeb(update, { token, variables: { name: 'Nora' } });
    const { body } = await stack.askMobile('{ viewer { id name } }', { token });
    expect(body.data.viewer).toEqual({ id: 'user-64', name: 'Nora' });
  });

  it('and of the dashboard’s say when their parts were fetched, though what was fetched since is the same', async () => {
    const clock = createClockAhead();
    const web = await startWebServer(loadConfig({ ...stack.env, REDIS_URL: 'none' }), { clock });
    const token = await stack.shop.token('user-65');
    const ask = async (field: string) => {
      const { body } = await askGraphql(`${web.url}/graphql`, `{ dashboard { orders { ${field} } } }`, { token });
      return body.data.dashboard.orders;
    };
    try {
      for (let i = 0; i < 3; i += 1) await ask('asOf');
      clock.aheadMs = 20_000;
      await ask('totalCount');
      expect(Date.parse((await ask('asOf')).asOf)).toBeGreaterThan(Date.now() + 15_000);
    } finally {
      await web.close('now');
    }
  });

  it('are not given to a request that the edge refuses', async () => {
    const query = `{ product(id: "${productIds[0]}") { id name } }`;
    const url = `${stack.mobileUrl}/graphql`;
    const byGet = (headers: Record<string, string>) =>
      fetch(`${url}?${new URLSearchParams({ query }).toString()}`, { headers });
    await warm(query);
    for (let i = 0; i < 3; i += 1) await byGet({ 'apollo-require-preflight': 'yes' });

    expect((await byGet({})).status).toBe(400);
    const asForm = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ query }),
    });
    expect(asForm.status).toBe(415);
    const expired = await stack.shop.token('user-1', { expiresInSeconds: -3600 });
    const refused = await stack.askMobile(query, { token: expired });
    expect(refused.status).toBe(401);
    expect(refused.body.data).toBeUndefined();
  });

  it('count for the rate limit', async () => {
    const strict = await startMobileServer(
      loadConfig({ ...stack.env, RATE_LIMIT_ADDRESS_POINTS: '12' }, { hasImages: true }),
    );
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 20; i += 1) {
        const answer = await askGraphql(`${strict.url}/graphql`, `{ product(id: "${productIds[2]}") { id } }`);
        statuses.push(answer.status);
      }
      expect(statuses.slice(0, 3)).toEqual([200, 200, 200]);
      expect(statuses.at(-1)).toBe(429);
      expect(runs.mock.calls.length).toBeLessThan(5);
    } finally {
      await strict.close('now');
    }
  });
});
