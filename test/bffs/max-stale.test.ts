import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

/** The phone's; a section has 800 ms. */
const deadlineMs = 3000;

let stack: Stack;
let token: string;

beforeAll(async () => {
  // What was fetched is past its freshness at once.
  stack = await startStack({ env: { CACHE_MAX_FRESH_MS: '1' } });
  token = await stack.shop.token('user-1');
});
afterEach(() => stack.mend());
afterAll(() => stack.close());

const home = (directive: string) => `query ${directive} {
  home { viewer { name } recommendations { id } activeOrders { id } }
}`;

it('a part of a record says how old the record may be', async () => {
  const product = (directive: string) => `{ product(id: "product-1") { name ${directive} } }`;
  await stack.askWeb(product(''));
  await stack.fault('catalog', { status: 503 });

  const { body } = await stack.askWeb(product('@maxStale(seconds: 0)'));

  expect(body.errors).toMatchObject([{ path: ['product'], extensions: { code: 'STALE_REFUSED' } }]);
  expect((await stack.askWeb(product(''))).body.data.product).toMatchObject({ name: expect.any(String) });
});

describe('while the recommendations hang', () => {
  it('a home screen that takes what is kept has it, and says so', async () => {
    await stack.askMobile(home(''), { token });
    await stack.fault('recommendations', { hang: true });

    const { body } = await stack.askMobile(home('@maxStale(seconds: 3600)'), { token });

    expect(body.errors).toBeUndefined();
    expect(body.data.home.recommendations).not.toHaveLength(0);
    expect(body.extensions?.degraded).toEqual([
      expect.objectContaining({ path: ['home', 'recommendations'], reason: 'DOWNSTREAM_TIMEOUT' }),
    ]);
  });

  it('one that takes nothing old waits no longer than a section may: the rest of the screen still comes', async () => {
    await stack.askMobile(home(''), { token });
    await stack.fault('recommendations', { hang: true });

    const askedMs = performance.now();
    const { body } = await stack.askMobile(home('@maxStale(seconds: 0)'), { token });

    expect(body.data.home).toMatchObject({ viewer: { name: expect.any(String) }, recommendations: null });
    expect(body.errors).toEqual([
      expect.objectContaining({
        path: ['home', 'recommendations'],
        extensions: expect.objectContaining({ code: 'STALE_REFUSED' }),
      }),
    ]);
    expect(performance.now() - askedMs).toBeLessThan(deadlineMs);
  });
});
