import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../../shared/security/rate-limit.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { firstError, openEdge } from './edge-under-test.ts';
import { open, sendRaw } from './raw-http.ts';

const body = '{"query":"{ hello }"}';

function post(url: string, headers: Record<string, string> = {}) {
  return request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

describe('what the handler is told of a request', () => {
  it('is who asks, from where, with which client', async () => {
    const edge = await openEdge();
    const authorization = `Bearer ${await edge.identity.sign()}`;
    await post(edge.url, {
      authorization,
      'apollographql-client-name': 'shop-ios',
      'apollographql-client-version': '4.2.0',
    });
    expect(edge.handled[0]?.edge).toMatchObject({
      viewer: { id: 'user-1', authorization },
      clientName: 'shop-ios',
      clientVersion: '4.2.0',
      address: '127.0.0.1',
    });
  });

  it('is nobody, where there is no token', async () => {
    const edge = await openEdge();
    await post(edge.url);
    expect(edge.handled[0]?.edge).toMatchObject({ viewer: null, clientName: null, clientVersion: null });
  });

  it.each(['4.2.0', '4.2.0-88', '4.8 (33)', '4.8.0+88', 'shop-ios/4.2'])(
    'is a client version like "%s"',
    async (word) => {
      const edge = await openEdge();
      await post(edge.url, { 'apollographql-client-version': word });
      expect(edge.handled[0]?.edge.clientVersion).toBe(word);
    },
  );

  it.each(['a\u00e9', 'x'.repeat(65), '<b>', ' '])('is no client name like "%s"', async (name) => {
    const edge = await openEdge();
    await post(edge.url, { 'apollographql-client-name': name }).catch(() => undefined);
    expect(edge.handled[0]?.edge.clientName ?? null).toBeNull();
  });

  it.each([
    ['1500', 1500],
    ['1', 1],
    ['999999999999', 3_600_000],
    ['0', null],
    ['-1', null],
    ['1e9', null],
    ['1.5', null],
    ['soon', null],
    ['', null],
    ['9'.repeat(100), null],
  ])('is a time limit of "%s" as %s ms', async (header, timeoutMs) => {
    const edge = await openEdge();
    await post(edge.url, { 'x-request-timeout-ms': header });
    expect(edge.handled[0]?.edge.requestedTimeoutMs).toBe(timeoutMs);
  });

  it("is the caller's trace, in a span of our own", async () => {
    const edge = await openEdge();
    await post(edge.url, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    const trace = edge.handled[0]?.edge.trace;
    expect(trace).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      isSampled: true,
    });
    expect(edge.handled[0]?.edge.traceparent).toBe(`00-0af7651916cd43dd8448eb211c80319c-${trace?.spanId}-01`);
  });

  it("is the client's address by a trusted proxy's word", async () => {
    const edge = await openEdge({ trustedProxies: ['127.0.0.0/8'] });
    await post(edge.url, { 'x-forwarded-for': '203.0.113.7' });
    expect(edge.handled[0]?.edge.address).toBe('203.0.113.7');
  });

  it('is that the client has gone, once it has', async () => {
    const gone = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const edge = await openEdge({
      graphql: {
        async handle({ edge: { signal } }) {
          signal.addEventListener('abort', () => gone.resolve());
          arrived.resolve();
          await gone.promise;
          return { status: 200, headers: [], body: '{}' };
        },
      },
    });
    const socket = await open(edge.port);
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await arrived.promise;
    socket.destroy();
    await gone.promise;
    expect(edge.handled[0]?.edge.signal.aborted).toBe(true);
  });

  it('is not that the client has gone, where it was answered', async () => {
    const edge = await openEdge();
    await (await post(edge.url)).body.text();
    await edge.server.close('now');
    expect(edge.handled[0]?.edge.signal.aborted).toBe(false);
  });
});

describe('a token that is not valid', () => {
  it('is refused before the body is looked at, and is never anonymous', async () => {
    const edge = await openEdge();
    const answer = await post(edge.url, { authorization: 'Bearer nonsense' });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(firstError(await answer.body.text()).code).toBe('UNAUTHENTICATED');
    expect(edge.handled).toEqual([]);
  });

  it.each([
    ['two valid ones', (token: string) => `authorization: Bearer ${token}\r\nauthorization: Bearer ${token}`],
    ['a valid one and a forged one', (token: string) => `authorization: Bearer ${token}\r\nauthorization: Bearer x`],
    ['an empty one and a valid one', (token: string) => `authorization: \r\nauthorization: Bearer ${token}`],
  ])('is that of two Authorization headers: %s', async (_name, headers) => {
    const edge = await openEdge();
    const token = await edge.identity.sign();
    const [answer] = await sendRaw(
      edge.port,
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers(token)}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer?.status).toBe(401);
    expect(edge.handled).toEqual([]);
  });
});

describe('the rate limit', () => {
  function limited(points: number) {
    return createRateLimiter({
      clock: createFakeClock(),
      viewerPointsPerMinute: points,
      addressPointsPerMinute: points,
    });
  }

  it('says on every answer what is left', async () => {
    const edge = await openEdge({
      limiter: limited(100),
      graphql: { handle: async () => ({ status: 200, headers: [], body: '{}', usage: { points: 4 } }) },
    });
    const answer = await post(edge.url);
    expect(answer.headers).toMatchObject({
      'ratelimit-policy': '"points";q=100;w=60',
      ratelimit: '"points";r=95;t=60',
    });
  });

  it('refuses with 429, Retry-After and the same headers', async () => {
    const edge = await openEdge({ limiter: limited(2) });
    await post(edge.url);
    await post(edge.url);
    const answer = await post(edge.url);
    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toMatchObject({
      'retry-after': '60',
      'ratelimit-policy': '"points";q=2;w=60',
      ratelimit: '"points";r=0;t=60',
    });
    expect(firstError(await answer.body.text())).toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      retryAfterSeconds: 60,
    });
    expect(edge.handled).toHaveLength(2);
  });

  it('is not moved by X-Forwarded-For of a peer that nobody trusts', async () => {
    const edge = await openEdge({ limiter: limited(3) });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      statuses.push((await post(edge.url, { 'x-forwarded-for': `203.0.113.${index}` })).statusCode);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  it('counts requests that failed, too', async () => {
    const edge = await openEdge({
      limiter: limited(2),
      graphql: { handle: async () => Promise.reject(new Error('broken')) },
    });
    expect([
      (await post(edge.url)).statusCode,
      (await post(edge.url)).statusCode,
      (await post(edge.url)).statusCode,
    ]).toEqual([500, 500, 429]);
  });

  it('counts every token that fails', async () => {
    const limiter = createRateLimiter({ clock: createFakeClock() });
    const edge = await openEdge({ limiter });
    for (let index = 0; index < 598; index += 1) limiter.chargeFailure('127.0.0.1');
    const statuses: number[] = [];
    for (let index = 0; index < 3; index += 1) {
      statuses.push((await post(edge.url, { authorization: 'Bearer a.b.c' })).statusCode);
    }
    expect(statuses).toEqual([401, 401, 429]);
  });

  it('counts tokens that fail by their address, and knows good ones without checking', async () => {
    const limiter = createRateLimiter({ clock: createFakeClock() });
    const edge = await openEdge({ limiter });
    const good = { authorization: `Bearer ${await edge.identity.sign()}` };
    expect((await post(edge.url, good)).statusCode).toBe(200);
    for (let index = 0; index < 600; index += 1) limiter.chargeFailure('127.0.0.1');
    const refused = await post(edge.url, { authorization: 'Bearer a.b.c' });
    expect(refused).toMatchObject({
      statusCode: 429,
      headers: { 'retry-after': '60', 'ratelimit-policy': '"tokens";q=600;w=60', ratelimit: '"tokens";r=0;t=60' },
    });
    expect((await post(edge.url, good)).statusCode).toBe(200);
  });
});
