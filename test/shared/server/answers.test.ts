import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { GraphqlHandler, GraphqlHttpAnswer } from '../../../shared/server/graphql-port.ts';
import { firstError, openEdge } from './edge-under-test.ts';

const json = { 'content-type': 'application/json' };
const body = '{"query":"{ hello }"}';

/** A handler that always gives this answer. */
function answering(answer: Partial<GraphqlHttpAnswer>): GraphqlHandler {
  return { handle: async () => ({ status: 200, headers: [], body: '{"data":{}}', ...answer }) };
}

function failing(error: unknown): GraphqlHandler {
  return {
    async handle() {
      throw error;
    },
  };
}

function post(url: string, headers: Record<string, string> = {}) {
  return request(`${url}/graphql`, { method: 'POST', headers: { ...json, ...headers }, body });
}

function get(url: string, headers: Record<string, string> = {}) {
  return request(`${url}/graphql?query={hello}`, { headers: { 'apollo-require-preflight': '1', ...headers } });
}

describe('every answer', () => {
  it('carries the security headers', async () => {
    const edge = await openEdge();
    for (const answer of [
      await post(edge.url),
      await request(`${edge.url}/nowhere`),
      await request(`${edge.url}/health/live`),
    ]) {
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'x-frame-options': 'DENY',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(answer.headers['x-powered-by']).toBeUndefined();
      expect(answer.headers['server']).toBeUndefined();
      await answer.body.dump();
    }
  });

  it("carries the caller's request id where it is fit to be one, else ours", async () => {
    const edge = await openEdge();
    expect((await post(edge.url, { 'x-request-id': 'abc-123' })).headers['x-request-id']).toBe('abc-123');
    const ours = /^[0-9a-f-]{36}$/;
    for (const id of ['x'.repeat(10_000), 'a b', '<script>', '']) {
      expect((await post(edge.url, { 'x-request-id': id })).headers['x-request-id']).toMatch(ours);
    }
  });

  it('is kept by nobody unless the handler says so', async () => {
    const edge = await openEdge({ graphql: answering({}) });
    expect((await post(edge.url)).headers['cache-control']).toBe('no-store');
  });
});

describe('what the handler throws', () => {
  it.each([
    ['UNAUTHENTICATED', 401],
    ['FORBIDDEN', 403],
    ['NOT_FOUND', 404],
    ['CONFLICT', 409],
    ['BAD_USER_INPUT', 400],
    ['CLIENT_TOO_OLD', 400],
    ['RATE_LIMITED', 429],
    ['OVERLOADED', 503],
    ['CIRCUIT_OPEN', 503],
    ['DOWNSTREAM_TIMEOUT', 504],
    ['DEADLINE_EXCEEDED', 504],
    ['DOWNSTREAM_BAD_RESPONSE', 502],
  ] as const)('as %s is answered with %i', async (code, status) => {
    const edge = await openEdge({
      graphql: failing(new AppError(code, 'Words for the client.', { retryAfterSeconds: 7 })),
    });
    const answer = await post(edge.url);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['retry-after']).toBe('7');
    expect(firstError(await answer.body.text())).toMatchObject({ code, message: 'Words for the client.' });
  });

  it('without a code is masked, and logged once with the request id', async () => {
    const edge = await openEdge({ graphql: failing(new Error('connect ECONNREFUSED 10.0.0.7:5432')) });
    const answer = await post(edge.url, { 'x-request-id': 'the-one' });
    const text = await answer.body.text();
    expect(answer.statusCode).toBe(500);
    expect(firstError(text)).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', retryable: false, requestId: 'the-one' });
    expect(text).not.toContain('10.0.0.7');
    expect(edge.logLines.filter((line) => line.includes('10.0.0.7') && line.includes('the-one'))).toHaveLength(1);
  });
});

describe('a large answer', () => {
  const large = JSON.stringify({ data: { names: Array.from({ length: 2000 }, (_, index) => `product-${index}`) } });

  it.each([
    ['br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip;q=1.0, br;q=0.5', 'gzip', gunzipSync],
    ['br;q=0, *', 'gzip', gunzipSync],
    ['x-gzip', 'gzip', gunzipSync],
  ] as const)('for %s goes out as %s', async (acceptEncoding, coding, decompress) => {
    const edge = await openEdge({ graphql: answering({ body: large }) });
    const answer = await post(edge.url, { 'accept-encoding': acceptEncoding });
    expect(answer.headers['content-encoding']).toBe(coding);
    expect(answer.headers['vary']).toContain('accept-encoding');
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    expect(answer.headers['content-length']).toBe(String(bytes.length));
    expect(bytes.length).toBeLessThan(large.length / 3);
    expect(decompress(bytes).toString()).toBe(large);
  });

  it.each(['identity', 'gzip;q=0', 'gzip;q=bad', 'deflate', '', 'identity, br;q=0.5', 'identity;q=0.5, *;q=0.1'])(
    'for "%s" goes out as it is',
    async (acceptEncoding) => {
      const edge = await openEdge({ graphql: answering({ body: large }) });
      const answer = await post(edge.url, { 'accept-encoding': acceptEncoding });
      expect(answer.headers['content-encoding']).toBeUndefined();
      expect(await answer.body.text()).toBe(large);
    },
  );

  it('of more than 64 KB is compressed off the main thread, to the same bytes', async () => {
    const huge = JSON.stringify({ data: 'abc'.repeat(50_000) });
    const edge = await openEdge({ graphql: answering({ body: huge }) });
    const answer = await post(edge.url, { 'accept-encoding': 'br' });
    expect(brotliDecompressSync(Buffer.from(await answer.body.arrayBuffer())).toString()).toBe(huge);
  });
});

describe('a small answer', () => {
  it('is not worth compressing', async () => {
    const edge = await openEdge();
    expect((await post(edge.url, { 'accept-encoding': 'br, gzip' })).headers['content-encoding']).toBeUndefined();
  });
});

describe('an answer that may be kept', () => {
  const keepable = answering({ headers: [['cache-control', 'public, max-age=10']], body: '{"data":{"hello":"you"}}' });

  it('has a tag by which it is asked for again: 304 without a body', async () => {
    const edge = await openEdge({ graphql: keepable });
    const first = await get(edge.url);
    const tag = String(first.headers['etag']);
    expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
    for (const ifNoneMatch of [tag, tag.slice(2), `"other", ${tag}`, '*']) {
      const again = await get(edge.url, { 'if-none-match': ifNoneMatch });
      expect([again.statusCode, await again.body.text(), again.headers['etag']]).toEqual([304, '', tag]);
      expect(again.headers['cache-control']).toBe('public, max-age=10');
    }
    const other = await get(edge.url, { 'if-none-match': '"other"' });
    expect(other.statusCode).toBe(200);
  });

  it('has the same tag plain and compressed', async () => {
    const edge = await openEdge({
      graphql: answering({ headers: [['cache-control', 'public, max-age=10']], body: 'x'.repeat(5000) }),
    });
    const plain = await get(edge.url);
    const compressed = await get(edge.url, { 'accept-encoding': 'br' });
    expect(compressed.headers['content-encoding']).toBe('br');
    expect(compressed.headers['etag']).toBe(plain.headers['etag']);
  });

  it('by POST has none', async () => {
    const edge = await openEdge({ graphql: keepable });
    expect((await post(edge.url)).headers['etag']).toBeUndefined();
  });

  it.each(['private, no-store', 'no-store', 'no-store, max-age=0'])('is not one that says %s', async (cacheControl) => {
    const edge = await openEdge({ graphql: answering({ headers: [['cache-control', cacheControl]] }) });
    expect((await get(edge.url)).headers['etag']).toBeUndefined();
  });

  it('is not an error', async () => {
    const edge = await openEdge({
      graphql: answering({ status: 400, headers: [['cache-control', 'public, max-age=10']] }),
    });
    expect((await get(edge.url)).headers['etag']).toBeUndefined();
  });
});

describe('a streamed answer', () => {
  it('goes out part by part', async () => {
    async function* parts() {
      yield '---\r\n';
      yield 'content\r\n-----\r\n';
    }
    const edge = await openEdge({
      graphql: answering({ headers: [['content-type', 'multipart/mixed; boundary="-"']], body: parts() }),
    });
    const answer = await post(edge.url);
    expect(answer.headers['content-type']).toBe('multipart/mixed; boundary="-"');
    expect(await answer.body.text()).toBe('---\r\ncontent\r\n-----\r\n');
  });

  it('that breaks off breaks the connection, so that nobody takes half of it for the whole', async () => {
    async function* parts() {
      yield '---\r\n';
      throw new Error('the source is gone');
    }
    const edge = await openEdge({ graphql: answering({ body: parts() }) });
    const read = async () => (await post(edge.url)).body.text();
    await expect(read()).rejects.toThrow(/other side closed|terminated/);
  });
});

describe("another site's page", () => {
  const corsOrigins = ['https://shop.example', 'http://localhost:5173'];
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };

  it('may read answers where its origin is on the list', async () => {
    const edge = await openEdge({ corsOrigins });
    const answer = await post(edge.url, { origin: 'https://shop.example' });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      vary: 'accept, accept-encoding, origin',
    });
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('may read refusals, too', async () => {
    const edge = await openEdge({ corsOrigins });
    const answer = await post(edge.url, { origin: 'https://shop.example', authorization: 'Bearer x' });
    expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([401, 'https://shop.example']);
  });

  it('may ask first', async () => {
    const edge = await openEdge({ corsOrigins });
    const answer = await request(`${edge.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:5173', ...preflight },
    });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': expect.stringContaining('authorization'),
    });
  });

  it.each([
    'https://evil.example',
    'https://shop.example.evil',
    'http://shop.example',
    'https://SHOP.example',
    'null',
    'https://shop.example:444',
  ])('of %s may not', async (origin) => {
    const edge = await openEdge({ corsOrigins });
    const answer = await post(edge.url, { origin });
    const asked = await request(`${edge.url}/graphql`, { method: 'OPTIONS', headers: { origin, ...preflight } });
    for (const headers of [answer.headers, asked.headers]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});

describe('a browser', () => {
  const graphiql = { title: 'Shop </title><script>', defaultQuery: '{ hello }' };
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

  it('is shown the query editor, which loads nothing from elsewhere', async () => {
    const edge = await openEdge({ graphiql });
    const page = await request(`${edge.url}/graphql`, { headers: { accept } });
    const html = await page.body.text();
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(html).not.toContain('</title><script>');
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, link]) => link ?? '')
      .filter((link) => !link.startsWith('data:'));
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) {
      expect(link).toMatch(/^\/graphiql\//);
      const asset = await request(`${edge.url}${link}`);
      expect(asset.statusCode).toBe(200);
      expect((await asset.body.text()).length).toBeGreaterThan(50);
    }
  });

  it('finds no other file there', async () => {
    const edge = await openEdge({ graphiql });
    for (const name of ['package.json', '..%2fpackage.json', 'constructor', '__proto__']) {
      expect((await request(`${edge.url}/graphiql/${name}`)).statusCode).toBe(404);
    }
  });

  it('is not shown it where it is off', async () => {
    const edge = await openEdge();
    expect((await request(`${edge.url}/graphql`, { headers: { accept } })).statusCode).toBe(400);
    expect((await request(`${edge.url}/graphiql/start.js`)).statusCode).toBe(404);
  });

  it('still gets JSON where it asks for it', async () => {
    const edge = await openEdge({ graphiql });
    expect((await get(edge.url, { accept: 'application/json' })).headers['content-type']).toBe(
      'application/json; charset=utf-8',
    );
  });
});

describe('the schema', () => {
  it('is handed out as text', async () => {
    const edge = await openEdge();
    const answer = await request(`${edge.url}/schema.graphql`);
    expect([answer.statusCode, await answer.body.text()]).toEqual([200, 'type Query { hello(name: String): String }']);
  });

  it('is not handed out where it is not given', async () => {
    const edge = await openEdge({ sdl: null });
    expect((await request(`${edge.url}/schema.graphql`)).statusCode).toBe(404);
  });
});

describe('readiness', () => {
  it('names what is missing', async () => {
    let missing: string | null = 'has no instance';
    const edge = await openEdge({ readiness: { catalog: () => missing } });
    const answer = await request(`${edge.url}/health/ready`);
    expect([answer.statusCode, await answer.body.json()]).toEqual([
      503,
      { status: 'unavailable', missing: { catalog: 'has no instance' } },
    ]);
    missing = null;
    expect((await request(`${edge.url}/health/ready`)).statusCode).toBe(200);
  });
});
