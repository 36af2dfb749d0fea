import { GraphQLError } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError, errorCodes, isRetryable } from '../../../shared/errors.ts';
import { createTestEngine, TestContext, type TestEngine } from './support/test-engine.ts';

const sdl =
  'type Query { fails: String  list: [String]  must: Must  text: String } type Must { have: String!  other: String }';

let engine: TestEngine;
let failure: () => unknown;
let masked: Array<{ error: unknown; requestId: string }>;

beforeEach(async () => {
  masked = [];
  const fail = () => {
    throw failure();
  };
  engine = await createTestEngine({
    sdl,
    onMaskedError: (error, requestId) => masked.push({ error, requestId }),
    resolvers: {
      Query: {
        fails: fail,
        text: () => 'text',
        list: () => {
          const error = failure();
          return ['a', error, error];
        },
        must: () => ({}),
      },
      Must: { have: async () => fail() },
    },
  });
});

afterEach(() => engine.stop());

describe('a failure with a code', () => {
  test.each(errorCodes.filter((code) => code !== 'INTERNAL_SERVER_ERROR'))(
    '%s reaches the client with its words',
    async (code) => {
      failure = () =>
        new AppError(code, 'The catalog is busy.', {
          service: 'catalog',
          retryAfterSeconds: 7,
          status: 503,
          problem: 'secret',
          cause: new Error('secret'),
        });
      const { status, json, body } = await engine.post({ query: '{ text fails }' });
      expect(status).toBe(200);
      expect(json).toEqual({
        data: { text: 'text', fails: null },
        errors: [
          {
            message: 'The catalog is busy.',
            locations: [{ line: 1, column: 8 }],
            path: ['fails'],
            extensions: {
              code,
              retryable: isRetryable(code),
              retryAfterSeconds: 7,
              service: 'catalog',
              requestId: 'request-1',
            },
          },
        ],
      });
      expect(body).not.toContain('secret');
      expect(masked).toEqual([]);
    },
  );

  test('has neither a service nor a time to wait where none applies', async () => {
    failure = () => new AppError('NOT_FOUND', 'There is no such thing.');
    const { json } = await engine.post({ query: '{ fails }' });
    expect(json.errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND', retryable: false, requestId: 'request-1' });
  });

  test('in the place of an item fails that item alone', async () => {
    failure = () => new AppError('NOT_FOUND', 'There is no such thing.');
    const { json } = await engine.post({ query: '{ list }' });
    expect(json.data).toEqual({ list: ['a', null, null] });
    expect(json.errors?.map(({ path }) => path)).toEqual([
      ['list', 1],
      ['list', 2],
    ]);
  });

  test('in a non-null field nulls the nearest parent that may be null, siblings intact', async () => {
    failure = () => new AppError('DOWNSTREAM_TIMEOUT', 'Too slow.');
    const { json } = await engine.post({ query: '{ text must { other have } }' });
    expect(json.data).toEqual({ text: 'text', must: null });
    expect(json.errors).toMatchObject([
      { path: ['must', 'have'], extensions: { code: 'DOWNSTREAM_TIMEOUT', retryable: true } },
    ]);
  });
});

describe('any other failure', () => {
  const secret = 'connect ECONNREFUSED 10.0.0.7:5432';

  test.each([
    ['an error', () => new TypeError(secret)],
    ['an AppError that is internal', () => new AppError('INTERNAL_SERVER_ERROR', secret)],
    [
      'a GraphQL error that gives itself a code',
      () => new GraphQLError(secret, { extensions: { code: 'BAD_REQUEST', secret } }),
    ],
    ['a string', () => secret],
    ['undefined', () => undefined],
    ['an object that is no error', () => ({ message: secret, extensions: { code: 'FORBIDDEN' } })],
  ])('%s is masked, with the id to ask for, and logged once', async (_name, make) => {
    failure = make;
    const { status, json, body } = await engine.post({ query: '{ text fails }' });
    expect(status).toBe(200);
    expect(body).not.toContain('10.0.0.7');
    expect(json).toMatchObject({
      data: { text: 'text', fails: null },
      errors: [
        {
          message: 'Something went wrong on our side.',
          path: ['fails'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', retryable: false, requestId: 'request-1' },
        },
      ],
    });
    expect(masked).toMatchObject([{ requestId: 'request-1' }]);
  });

  test('that is the same for many items is logged once, with its cause as it was', async () => {
    const error = new TypeError(secret);
    failure = () => error;
    const { codes } = await engine.post({ query: '{ list }' });
    expect(codes).toEqual(['INTERNAL_SERVER_ERROR', 'INTERNAL_SERVER_ERROR']);
    expect(masked).toEqual([{ error, requestId: 'request-1' }]);
  });

  test('a null where none may be is masked too', async () => {
    const own = await createTestEngine({ sdl: 'type Query { text: String! }' });
    const { json } = await own.post({ query: '{ text }' });
    expect(json).toMatchObject({
      data: null,
      errors: [{ message: 'Something went wrong on our side.', path: ['text'] }],
    });
    await own.stop();
  });
});

test('errors come in the order of their places, however late each was', async () => {
  const slow = await createTestEngine({
    sdl: 'type Query { a: String b: String list: [String] }',
    resolvers: {
      Query: {
        a: async () => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          throw new AppError('NOT_FOUND', 'a');
        },
        b: () => {
          throw new AppError('NOT_FOUND', 'b');
        },
        list: () => Array.from({ length: 11 }, (_each, i) => new AppError('NOT_FOUND', `${i}`)),
      },
    },
  });
  const { json } = await slow.post({ query: '{ list b a }' });
  expect(json.errors?.map(({ message }) => message)).toEqual([
    'a',
    'b',
    ...Array.from({ length: 11 }, (_each, i) => `${i}`),
  ]);
  await slow.stop();
});

test('what the making of a context throws is left to the caller', async () => {
  const { createGraphqlEngine } = await import('../../../shared/graphql/engine.ts');
  const { createExecutableSchema } = await import('../../../shared/graphql/schema.ts');
  const own = await createGraphqlEngine({
    schema: createExecutableSchema('type Query { a: Int }', {}),
    documents: { mode: 'open' },
  });
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: { query: '{ a }' },
    edge: { id: 'r', clientVersion: null },
  };
  const refusal = new AppError('RATE_LIMITED', 'Slow down.');
  await expect(own.handle(request, () => Promise.reject(refusal))).rejects.toBe(refusal);
  await own.stop();
});

test('what makes a whole answer impossible is one masked error with status 500, and the log has its cause', async () => {
  const cause = new Error('secret');
  class BrokenContext extends TestContext {
    override readonly degraded = {
      count: 0,
      add() {},
      toReport() {
        throw cause;
      },
    };
  }
  const broken = await createTestEngine({
    sdl,
    resolvers: { Query: { text: () => 'text' } },
    onMaskedError: (error, requestId) => masked.push({ error, requestId }),
    createContext: (id, viewer) => new BrokenContext(id, viewer),
  });
  const { status, json } = await broken.post({ query: '{ text }' });
  await broken.stop();
  const extensions = { code: 'INTERNAL_SERVER_ERROR', retryable: false, requestId: 'request-1' };
  expect({ status, json }).toEqual({
    status: 500,
    json: { errors: [{ message: 'Something went wrong on our side.', extensions }] },
  });
  expect(masked).toEqual([{ error: cause, requestId: 'request-1' }]);
});

test('a log that cannot be written costs the answer nothing', async () => {
  const silent = await createTestEngine({
    sdl,
    resolvers: {
      Query: {
        text: () => 'text',
        fails: () => {
          throw new Error('secret');
        },
      },
    },
    onMaskedError: () => {
      throw new Error('the log is full');
    },
  });
  const { status, json, codes } = await silent.post({ query: '{ text fails }' });
  await silent.stop();
  expect([status, json.data, codes]).toEqual([200, { text: 'text', fails: null }, ['INTERNAL_SERVER_ERROR']]);
});

test('a resolver does not set the status and headers of the answer', async () => {
  failure = () =>
    new GraphQLError('teapot', { extensions: { http: { status: 418, headers: new Map([['x-evil', 'yes']]) } } });
  const { status, headers, codes } = await engine.post({ query: '{ text fails }' });
  expect([status, headers.has('x-evil'), codes]).toEqual([200, false, ['INTERNAL_SERVER_ERROR']]);
});
