import { describe, it } from 'vitest';
import { type BadRequest, expectRefusal, get, good, post } from './bad-request.ts';

const bodies: readonly BadRequest[] = [
  { name: 'an empty body', bytes: post(''), status: 400, code: 'BAD_REQUEST' },
  { name: 'broken JSON', bytes: post('{"query":'), status: 400, code: 'BAD_REQUEST' },
  { name: 'null', bytes: post('null'), status: 400, code: 'BAD_REQUEST' },
  { name: 'a number', bytes: post('1'), status: 400, code: 'BAD_REQUEST' },
  { name: 'a string', bytes: post('"{ hello }"'), status: 400, code: 'BAD_REQUEST' },
  { name: 'an object without members', bytes: post('{}'), status: 400, code: 'BAD_REQUEST', reachesGraphql: true },
  { name: 'an array', bytes: post(`[${good}]`), status: 400, code: 'BAD_REQUEST' },
  { name: 'an empty array', bytes: post('[]'), status: 400, code: 'BAD_REQUEST' },
  { name: 'a query that is a number', bytes: post('{"query":1}'), status: 400, code: 'BAD_REQUEST' },
  {
    name: 'a query that is a parsed document',
    bytes: post('{"query":{"kind":"Document"}}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'an operationName that is a list',
    bytes: post('{"query":"{ hello }","operationName":[]}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'variables that are a string',
    bytes: post('{"query":"{ hello }","variables":"{}"}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'variables that are a list',
    bytes: post('{"query":"{ hello }","variables":[]}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'extensions that are a number',
    bytes: post('{"query":"{ hello }","extensions":0}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  { name: 'a documentId that is a number', bytes: post('{"documentId":7}'), status: 400, code: 'BAD_REQUEST' },
  {
    name: 'bytes that are not UTF-8',
    bytes: post(Buffer.from([...Buffer.from('{"query":"{ hello }","x":"'), 0xff, 0xfe, ...Buffer.from('"}')])),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'an overlong UTF-8 sequence',
    bytes: post(Buffer.from([...Buffer.from('{"query":"'), 0xc0, 0xaf, ...Buffer.from('"}')])),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'variables 9000 levels deep',
    bytes: post(`{"query":"{ hello }","variables":{"a":${'['.repeat(9000)}${']'.repeat(9000)}}}`),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: '__proto__ in variables',
    bytes: post('{"query":"{ hello }","variables":{"a":[{"__proto__":{"isAdmin":true}}]}}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'an escaped __proto__',
    bytes: post('{"query":"{ hello }","variables":{"\\u005f_proto__":1}}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'constructor in extensions',
    bytes: post('{"query":"{ hello }","extensions":{"constructor":{"prototype":{}}}}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'half of a surrogate pair',
    bytes: post('{"query":"{ hello }","variables":{"a":["x\\ud800"]}}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: '__proto__ beside the query',
    bytes: post('{"query":"{ hello }","__proto__":{}}'),
    status: 400,
    code: 'BAD_REQUEST',
  },
  {
    name: 'a body over 100 KB',
    bytes: post(`{"query":"${'x'.repeat(102_400)}"}`),
    status: 413,
    code: 'CONTENT_TOO_LARGE',
    headers: { connection: 'close' },
  },
  {
    name: 'a chunked body over 100 KB',
    bytes: `${get('/graphql', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }, 'POST')}1a000\r\n${'x'.repeat(0x1a000)}\r\n0\r\n\r\n`,
    status: 413,
    code: 'CONTENT_TOO_LARGE',
  },
];

const contentTypes: readonly BadRequest[] = [
  {
    name: 'no Content-Type',
    bytes: post(good, { 'content-type': undefined }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'an empty body without Content-Type',
    bytes: post('', { 'content-type': undefined }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'a form',
    bytes: post('query=%7Bhello%7D', { 'content-type': 'application/x-www-form-urlencoded' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'multipart form data',
    bytes: post('--x', { 'content-type': 'multipart/form-data; boundary=x' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'text/plain',
    bytes: post(good, { 'content-type': 'text/plain' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'text/plain that mentions JSON',
    bytes: post(good, { 'content-type': 'text/plain; x=application/json' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'a Content-Type that is none',
    bytes: post(good, { 'content-type': ';;;' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'application/jsonx',
    bytes: post(good, { 'content-type': 'application/jsonx' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'two Content-Types',
    bytes: post(good, { 'content-type': 'application/json\r\ncontent-type: text/plain' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'charset latin1',
    bytes: post(good, { 'content-type': 'application/json; charset=iso-8859-1' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'charset utf-16',
    bytes: post(good, { 'content-type': 'application/json; charset=utf-16' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    name: 'Content-Encoding gzip',
    bytes: post(good, { 'content-encoding': 'gzip' }),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
];

describe.each([
  ['a body', bodies],
  ['a content type', contentTypes],
] as const)('%s that is not served', (_group, cases) => {
  it.each(cases)('$name: $status $code', (request) => expectRefusal(request));
});
