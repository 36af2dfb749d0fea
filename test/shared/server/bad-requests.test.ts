import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../../shared/security/rate-limit.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { type BadRequest, expectRefusal, get, good, helloQuery, post, preflighted } from './bad-request.ts';
import { firstError, openEdge } from './edge-under-test.ts';
import { open, readAnswers, sendRaw } from './raw-http.ts';

const methods: readonly BadRequest[] = ['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY', 'FOO', 'post'].map(
  (method) => ({
    name: method,
    bytes: get('/graphql', {}, method),
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    headers: { allow: 'GET, POST, OPTIONS' },
  }),
);

const connect: BadRequest = {
  name: 'CONNECT',
  bytes: get('evil.example:443', {}, 'CONNECT'),
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  headers: { allow: 'GET, POST, OPTIONS', connection: 'close' },
};

const gets: readonly BadRequest[] = [
  { name: 'a GET without a header that needs a preflight', bytes: get(helloQuery), status: 400, code: 'BAD_REQUEST' },
  {
    name: 'a GET with an empty such header',
    bytes: get(helloQuery, { 'apollo-require-preflight': '' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a GET whose query stands there twice',
    bytes: get(`${helloQuery}&query=x`, preflighted),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a GET whose variables are no JSON',
    bytes: get(`${helloQuery}&variables=%7B`, preflighted),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a GET whose variables are a list',
    bytes: get(`${helloQuery}&variables=%5B%5D`, preflighted),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a GET whose variables hold __proto__',
    bytes: get(`${helloQuery}&variables=${encodeURIComponent('{"__proto__":1}')}`, preflighted),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a GET whose variables are nested too deep',
    bytes: get(`${helloQuery}&variables=${encodeURIComponent(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)}`, preflighted),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a GET whose query is not UTF-8',
    bytes: get('/graphql?query=%ff', preflighted),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a GET that only takes text/plain',
    bytes: get(helloQuery, { ...preflighted, accept: 'text/plain' }),
    status: 406,
    code: 'NOT_ACCEPTABLE',
  },
  {
    name: 'a GET that only takes JSON in latin1',
    bytes: get(helloQuery, { ...preflighted, accept: 'application/json; charset=latin1' }),
    status: 406,
    code: 'NOT_ACCEPTABLE',
  },
  {
    name: 'a GET that takes no JSON',
    bytes: get(helloQuery, { ...preflighted, accept: 'application/json;q=0' }),
    status: 406,
    code: 'NOT_ACCEPTABLE',
  },
];

const envelopes: readonly BadRequest[] = [
  {
    name: 'no Host',
    bytes: `GET ${helloQuery} HTTP/1.1\r\napollo-require-preflight: 1\r\n\r\n`,
    status: 400,
    code: 'BAD_REQUEST',
  },
  { name: 'the Host "["', bytes: get(helloQuery, { ...preflighted, host: '[' }), status: 400, code: 'BAD_REQUEST' },
  { name: 'an empty Host', bytes: get(helloQuery, { ...preflighted, host: '' }), status: 400, code: 'BAD_REQUEST' },
  {
    name: 'a Host with a path',
    bytes: get(helloQuery, { ...preflighted, host: 'shop.example/evil' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a Host with a user',
    bytes: get(helloQuery, { ...preflighted, host: 'me@shop.example' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a Host with a bad port',
    bytes: get(helloQuery, { ...preflighted, host: 'shop.example:http' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a Host with a port past the last one',
    bytes: get(helloQuery, { ...preflighted, host: 'shop.example:99999' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'two Hosts',
    bytes: get(helloQuery, { ...preflighted, host: 'a.example\r\nhost: b.example' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'two Hosts on health',
    bytes: get('/health/live', { host: 'a.example\r\nhost: b.example' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a URL over 16 KiB',
    bytes: get(`/graphql?query=${'x'.repeat(16_384)}`, preflighted),
    status: 414,
    code: 'URI_TOO_LONG',
  },
  {
    name: 'headers over 16 KiB',
    bytes: get(helloQuery, { ...preflighted, 'x-padding': 'x'.repeat(16_384) }),
    status: 431,
    code: 'HEADERS_TOO_LARGE',
  },
  {
    name: 'headers over 32 KiB',
    bytes: get(helloQuery, { ...preflighted, 'x-padding': 'x'.repeat(40_000) }),
    status: 431,
    code: 'HEADERS_TOO_LARGE',
  },
  { name: 'what is not HTTP', bytes: 'hello\r\n\r\n', status: 400, code: 'BAD_REQUEST' },
  {
    name: 'a header with a line break in its name',
    bytes: get(helloQuery, { 'x\ny': '1' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'both Content-Length and chunked',
    bytes: post(good, { 'transfer-encoding': 'chunked' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a Transfer-Encoding that is not chunked alone',
    bytes: post('0\r\n\r\n', { 'content-length': undefined, 'transfer-encoding': 'gzip, chunked' }),
    status: 400,
    code: 'BAD_REQUEST',
    headers: { connection: 'close' },
  },
  {
    name: 'two Content-Lengths',
    bytes: post(good, { 'content-length': '21\r\ncontent-length: 22' }),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'an expectation other than 100-continue',
    bytes: post(good, { expect: '200-ok' }),
    status: 417,
    code: 'EXPECTATION_FAILED',
  },
  { name: 'a path that is not ours', bytes: get('/graphql/'), status: 404, code: 'NOT_FOUND' },
  { name: 'a path that looks like a pattern', bytes: get('/:(('), status: 404, code: 'NOT_FOUND' },
  { name: 'a path of a prototype', bytes: get('/__proto__'), status: 404, code: 'NOT_FOUND' },
  { name: 'a path that does not decode', bytes: get('/%'), status: 400, code: 'BAD_REQUEST' },
  {
    name: 'PUT to health',
    bytes: get('/health/live', {}, 'PUT'),
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    headers: { allow: 'GET, HEAD' },
  },
];

describe.each([
  ['a method', [...methods, connect]],
  ['a query string', gets],
  ['an envelope', envelopes],
] as const)('%s that is not served', (_group, cases) => {
  it.each(cases)('$name: $status $code', (request) => expectRefusal(request));
});

describe('a request that looks odd and is well-formed', () => {
  it.each([
    ['null members', post('{"query":"{ hello }","variables":null,"operationName":null,"extensions":null}')],
    ['unknown members', post('{"query":"{ hello }","surprise":[1,2]}')],
    ['charset utf-8', post(good, { 'content-type': 'application/json; charset=utf-8' })],
    ['charset "UTF-8"', post(good, { 'content-type': 'Application/JSON;charset="UTF-8"' })],
    ['a byte order mark', post(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(good)]))],
    ['Content-Encoding identity', post(good, { 'content-encoding': 'identity' })],
    ['Content-Encoding Identity', post(good, { 'content-encoding': 'Identity' })],
    ['an Accept that says nothing', get(helloQuery, { ...preflighted, accept: '' })],
    ['a target in absolute form', get(`http://shop.example${helloQuery}`, preflighted)],
    ['a Host with a port', post(good, { host: '[::1]:4001' })],
    ['100-continue', post(good, { expect: '100-continue' })],
    ['a GET with a preflight header', get(helloQuery, preflighted)],
    ['a GET that says it is JSON', get(helloQuery, { 'content-type': 'application/json' })],
    ['a browser that takes anything', get(helloQuery, { ...preflighted, accept: 'text/html, */*;q=0.1' })],
    ['variables 20 levels deep', post(`{"query":"{ hello }","variables":{"a":${'['.repeat(20)}${']'.repeat(20)}}}`)],
  ])('%s is served', async (_name, bytes) => {
    const edge = await openEdge();
    const [answer] = await sendRaw(edge.port, bytes);
    expect(answer).toMatchObject({ status: 200, body: '{"data":{"hello":"Hello you"}}\n' });
  });

  it('that is let in and fails by its body costs what a request does', async () => {
    const limiter = createRateLimiter({ clock: createFakeClock(), addressPointsPerMinute: 2 });
    const edge = await openEdge({ limiter });
    const statuses: (number | undefined)[] = [];
    for (const body of ['x'.repeat(102_401), '{', good]) {
      const [answer] = await sendRaw(edge.port, post(body));
      statuses.push(answer?.status);
    }
    expect(statuses).toEqual([413, 400, 429]);
  });

  it('is told that it is too large before it sends what it asks to', async () => {
    const edge = await openEdge();
    const headers = ['POST /graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Expect: 100-continue'];
    const [answer] = await sendRaw(edge.port, `${[...headers, 'Content-Length: 9999999'].join('\r\n')}\r\n\r\n`);
    expect(answer?.status).toBe(413);
  });

  it('is answered in application/graphql-response+json where that is asked for', async () => {
    const edge = await openEdge();
    const accept = 'application/graphql-response+json, application/json;q=0.9';
    const [answer] = await sendRaw(edge.port, post(good, { accept }));
    expect(answer?.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
  });

  it.each([
    ['application/json;q=0, */*', 'application/graphql-response+json'],
    ['*/*;q=0.1, application/json;q=0', 'application/graphql-response+json'],
    ['application/*;q=0.9, application/json;q=0.1', 'application/graphql-response+json'],
    ['application/graphql-response+json;q=0, */*;q=0.5', 'application/json'],
    ['application/*', 'application/json'],
    ['*/*, application/graphql-response+json', 'application/json'],
    ['application/json, application/graphql-response+json', 'application/json'],
    ['application/graphql-response+json, application/json', 'application/graphql-response+json'],
    ['application/graphql-response+json, */*', 'application/graphql-response+json'],
  ])('with "Accept: %s" is answered in %s', async (accept, mediaType) => {
    const edge = await openEdge({ graphql: { handle: async () => ({ status: 200, headers: [], body: '{}' }) } });
    const [answer] = await sendRaw(edge.port, post(good, { accept }));
    expect(answer?.headers.get('content-type')).toBe(`${mediaType}; charset=utf-8`);
  });

  it('is refused in application/graphql-response+json where that is asked for', async () => {
    const edge = await openEdge();
    const [answer] = await sendRaw(edge.port, post('{', { accept: 'application/graphql-response+json' }));
    expect(answer?.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
  });

  it('is a mutation by GET: 405 with Allow', async () => {
    const edge = await openEdge();
    const [answer] = await sendRaw(
      edge.port,
      get(`/graphql?query=${encodeURIComponent('mutation { greet }')}`, preflighted),
    );
    expect(answer?.status).toBe(405);
    expect(answer?.headers.get('allow')).toBe('POST');
  });
});

describe('HEAD', () => {
  it('is not served by /graphql', async () => {
    const edge = await openEdge();
    const answer = await fetch(`${edge.url}/graphql`, { method: 'HEAD' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST, OPTIONS');
  });

  it('is served by the health routes and the schema', async () => {
    const edge = await openEdge();
    for (const path of ['/health/live', '/health/ready', '/schema.graphql']) {
      const answer = await fetch(`${edge.url}${path}`, { method: 'HEAD' });
      expect([answer.status, await answer.text()]).toEqual([200, '']);
      expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(10);
    }
  });
});

describe('a request that never ends', () => {
  const timeouts = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 };

  it('is answered with 408 while its headers drip', async () => {
    const edge = await openEdge({ timeouts });
    const socket = await open(edge.port);
    socket.write('POST /graphql HTTP/1.1\r\nhost: shop.example\r\n');
    const [answer] = await readAnswers(socket);
    expect(answer?.status).toBe(408);
    expect(firstError(answer?.body ?? '').code).toBe('REQUEST_TIMEOUT');
    expect(answer?.headers.get('connection')).toBe('close');
  });

  it('is answered with 408 while its body drips', async () => {
    const edge = await openEdge({ timeouts });
    const socket = await open(edge.port);
    socket.write(post(good, { 'content-length': '500' }));
    const [answer] = await readAnswers(socket);
    expect(answer?.status).toBe(408);
    expect(firstError(answer?.body ?? '').code).toBe('REQUEST_TIMEOUT');
    expect(edge.handled).toEqual([]);
  });

  it.each([
    ['a method that is not served', post(good, { 'content-length': '500' }).toString().replace('POST', 'PUT'), 405],
    ['a type that is not read', post(good, { 'content-type': 'text/plain', 'content-length': '500' }), 415],
  ])('is answered at once, and once, where it has %s', async (_name, bytes, status) => {
    const edge = await openEdge({ timeouts });
    const socket = await open(edge.port);
    socket.write(bytes);
    const answers = await readAnswers(socket, 2);
    expect(answers.map((answer) => answer.status)).toEqual([status]);
  });
});
