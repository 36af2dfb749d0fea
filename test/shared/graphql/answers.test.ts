import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { OperationUsage } from '../../../shared/graphql/operation-usage.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createTestEngine, type TestContext, type TestEngine, type TestEngineOptions } from './support/test-engine.ts';

const sdl = `
  type Query { public: String  mine: String  secret: String @authenticated  old: String  fails: String  quote: String @neverStale
    gone: String @deprecated(reason: "use public") }
  type Mutation { change: String }
`;

let engine: TestEngine;

async function start(options: Partial<TestEngineOptions> = {}) {
  engine = await createTestEngine({
    sdl,
    resolvers: {
      Query: {
        public: () => 'same for everybody',
        mine: (_source, _args, context: TestContext) => context.viewer?.id ?? 'nobody',
        secret: () => 'secret',
        old: (_source, _args, context: TestContext) => {
          context.degraded.add({ path: ['old'], service: 'catalog', reason: 'CIRCUIT_OPEN', ageSeconds: 0 });
          return 'old';
        },
        fails: () => {
          throw new AppError('DOWNSTREAM_TIMEOUT', 'Too slow.');
        },
        quote: () => 'now',
        gone: () => 'gone',
      },
      Mutation: { change: () => 'changed' },
    },
    ...options,
  });
}

afterEach(() => engine.stop());

describe('Cache-Control', () => {
  const shared = 'public, max-age=10';
  const viewer = { id: 'user-1', scopes: new Set<string>() };

  test('shares the public answer to a query by GET', async () => {
    await start();
    expect((await engine.get({ query: '{ public __typename }' })).headers.get('cache-control')).toBe(shared);
    expect((await engine.get({ query: '{ public }' }, { viewer })).headers.get('cache-control')).toBe(shared);
  });

  test('for as long as it is told to', async () => {
    await start({ publicMaxAgeSeconds: 60 });
    expect((await engine.get({ query: '{ public }' })).headers.get('cache-control')).toBe('public, max-age=60');
  });

  test.each([
    ['a look at the viewer, even where there is none', '{ public mine }', 'private, no-store'],
    ['a field that is not for everybody', '{ public secret }', 'private, no-store'],
    ['a degraded value', '{ public old }', 'no-store'],
    ['an error', '{ public fails }', 'no-store'],
    ['a value that is always asked afresh', '{ public quote }', 'no-store'],
    ['a document that does not validate', '{ nothing }', 'no-store'],
    ['a document that cannot be parsed', '{', 'no-store'],
  ])('does not share an answer with %s', async (_name, query, expected) => {
    await start();
    expect((await engine.get({ query })).headers.get('cache-control')).toBe(expected);
  });

  test('does not share what came by POST', async () => {
    await start();
    for (const query of ['{ public }', 'mutation { change }']) {
      expect((await engine.post({ query })).headers.get('cache-control')).toBe('no-store');
    }
  });

  test('a public answer is byte-equal with and without a viewer', async () => {
    await start();
    const [anonymous, signedIn] = [
      await engine.get({ query: '{ public }' }),
      await engine.get({ query: '{ public }' }, { viewer }),
    ];
    expect(anonymous.body).toBe(signedIn.body);
  });
});

describe('what an answer cost', () => {
  test('is told once for each answer, refused ones included', async () => {
    const told: Array<[OperationUsage, string]> = [];
    await start({ onOperation: (usage, requestId) => told.push([usage, requestId]) });
    const { usage } = await engine.post({ query: 'query Named { public a: fails b: fails gone }' });
    expect(usage).toMatchObject({
      operationName: 'Named',
      operationType: 'query',
      operationId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      rootFields: ['public', 'fails', 'fails', 'gone'],
      deprecatedFields: ['Query.gone'],
      cost: 0,
      downstreamCalls: 0,
      points: 0,
      degradedCount: 0,
      errorCodes: ['DOWNSTREAM_TIMEOUT'],
    });
    const refused = await engine.post({ query: '{ nothing }' });
    expect(refused.usage).toMatchObject({
      operationName: null,
      errorCodes: ['GRAPHQL_VALIDATION_FAILED'],
      rootFields: [],
    });
    expect(refused.usage).not.toHaveProperty('operationType');
    expect(told).toEqual([
      [usage, 'request-1'],
      [refused.usage, 'request-2'],
    ]);
  });

  test('counts downstream calls, and says in a word why it was slow', async () => {
    const clock = createFakeClock();
    const call = {
      service: 'catalog',
      method: 'GET',
      route: '/products',
      keyCount: 3,
      attempts: 1,
      outcome: '200',
      startedMs: 0,
      durationMs: 900,
      bytes: 10,
    };
    const own = await createTestEngine({
      sdl: 'type Query { slow: String quick: String busy: String }',
      clock,
      resolvers: {
        Query: {
          slow: async (_source, _args, { report }: TestContext) => {
            report.add(call);
            report.add({ ...call, service: 'orders', durationMs: 200 });
            await clock.advance(1200);
            return 'slow';
          },
          quick: () => clock.advance(999),
          busy: () => clock.advance(3000),
        },
      },
    });
    expect((await own.post({ query: '{ slow }' })).usage).toMatchObject({
      downstreamCalls: 2,
      points: 2,
      durationMs: 1200,
      slowReason: 'catalog',
    });
    expect((await own.post({ query: '{ quick }' })).usage).not.toHaveProperty('slowReason');
    expect((await own.post({ query: '{ busy }' })).usage).toMatchObject({ slowReason: 'own' });
    await own.stop();
  });
});

describe('extensions.report', () => {
  const query = '{ public }';

  test('is there in development and nowhere else', async () => {
    await start({ isDevelopment: true });
    expect((await engine.post({ query })).json.extensions).toEqual({
      report: { callCount: 0, calls: [], lookups: [], flags: [] },
    });
    await engine.stop();
    await start();
    const { json, headers } = await engine.post({ query });
    expect(json).not.toHaveProperty('extensions');
    expect(headers.has('x-operation-cost')).toBe(false);
  });
});

describe('an old client', () => {
  test.each([
    ['4.1.9', true],
    ['4.2', false],
    ['4.2.0', false],
    ['4.2.0-beta.1', false],
    ['v4.10', false],
    ['3', true],
    ['4.1 (33)', true],
    ['4.1(33)', true],
    ['4.1.0-88', true],
    ['4.1.0.0.9', true],
    ['4.10 (1)', false],
    ['4.2.0.1', false],
    ['tomorrow', false],
    ['', false],
    [null, false],
  ])('of version %s: refused is %s', async (clientVersion, isRefused) => {
    await start({ oldestClientVersion: '4.2.0' });
    const { status, codes, json } = await engine.post({ query: '{ public }' }, { clientVersion });
    expect({ status, codes }).toEqual(
      isRefused ? { status: 400, codes: ['CLIENT_TOO_OLD'] } : { status: 200, codes: [] },
    );
    expect(JSON.stringify(json).includes('update to 4.2.0')).toBe(isRefused);
  });

  test('is served where no version is the oldest', async () => {
    await start({ oldestClientVersion: null });
    expect((await engine.post({ query: '{ public }' }, { clientVersion: '0.0.1' })).status).toBe(200);
  });
});
