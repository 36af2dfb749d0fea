import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { judge } from '../../../shared/graphql/judge.ts';
import { whenReady } from '../../../shared/graphql/when-ready.ts';
import type { Origin, Sourced } from '../../../shared/provenance.ts';
import { createTestEngine, type TestContext, type TestEngine, type TestResolver } from './support/test-engine.ts';

const sdl = `
  type Query { a: Box  b: Box  list: [Box!]  quote: Box @neverStale }
  type Box { text: String  box: Box  quote: String @neverStale }
`;

interface Made {
  readonly origin: Origin;
  readonly staleSeconds?: number;
  readonly refresh?: Promise<Sourced<string>>;
}

const timeout = new AppError('DOWNSTREAM_TIMEOUT', 'Too slow.', { service: 'catalog' });

function sourced({ origin, staleSeconds = 0, refresh }: Made, value = 'text'): Sourced<string> {
  return {
    value,
    origin,
    fetchedAtMs: Date.now() - 120_000,
    staleSeconds,
    service: 'catalog',
    ...(origin === 'kept' ? { ageSeconds: 120 } : {}),
    ...(origin === 'kept' || origin === 'default' ? { failure: timeout } : {}),
    ...(refresh === undefined ? {} : { refresh: () => refresh }),
  };
}

let engine: TestEngine;

async function start(made: Made | ((key: string) => Made)) {
  const text: TestResolver = (_source, _args, context: TestContext, info) => {
    return judge(sourced(typeof made === 'function' ? made(String(info.path.prev?.key)) : made), context, info);
  };
  engine = await createTestEngine({
    sdl,
    resolvers: {
      Query: { a: () => ({}), b: () => ({}), list: () => [{}, {}, {}], quote: () => ({}) },
      Box: { text, box: () => ({}), quote: text },
    },
  });
}

afterEach(() => engine.stop());

const kept = (staleSeconds: number): Made => ({ origin: 'kept', staleSeconds });

describe('extensions.degraded', () => {
  test.each<Origin>(['fetched', 'fresh', 'revalidating'])('is not there for a value that is %s', async (origin) => {
    await start({ origin, staleSeconds: origin === 'revalidating' ? 30 : 0 });
    const { json, usage } = await engine.post({ query: '{ a { text } }' });
    expect(json).toEqual({ data: { a: { text: 'text' } } });
    expect(usage.degradedCount).toBe(0);
  });

  test('tells where, of which service, why, how old and how many', async () => {
    await start(kept(60));
    const { json, headers, usage } = await engine.post({ query: '{ a { text } list { other: text } }' });
    expect(json.data).toEqual({ a: { text: 'text' }, list: [{ other: 'text' }, { other: 'text' }, { other: 'text' }] });
    expect(json.extensions).toEqual({
      degraded: [
        { path: ['a', 'text'], service: 'catalog', reason: 'DOWNSTREAM_TIMEOUT', ageSeconds: 120, count: 1 },
        { path: ['list', '*', 'other'], service: 'catalog', reason: 'DOWNSTREAM_TIMEOUT', ageSeconds: 120, count: 3 },
      ],
    });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(usage.degradedCount).toBe(4);
  });

  test('has a * at the end for the items of a field’s own list', async () => {
    engine = await createTestEngine({
      sdl: 'type Query { texts: [String] }',
      resolvers: {
        Query: {
          texts: (_source, _args, context: TestContext, info) =>
            [1, 2].map(() => judge(sourced(kept(60)), context, { itemOf: info })),
        },
      },
    });
    const { json } = await engine.post({ query: '{ texts }' });
    expect(json.extensions).toMatchObject({ degraded: [{ path: ['texts', '*'], count: 2 }] });
  });

  test('says DEFAULT for a default', async () => {
    await start({ origin: 'default' });
    const { json } = await engine.post({ query: '{ a { text } }' });
    expect(json.extensions).toEqual({
      degraded: [{ path: ['a', 'text'], service: 'catalog', reason: 'DEFAULT', ageSeconds: 0, count: 1 }],
    });
  });

  test('lists 20 places and says how many more values there are', async () => {
    await start(kept(60));
    const aliases = Array.from({ length: 23 }, (_each, i) => `a${i}: text`).join(' ');
    const { json } = await engine.post({ query: `{ list { ${aliases} } }` });
    const degraded = json.extensions?.['degraded'];
    expect(degraded).toHaveLength(21);
    expect(Array.isArray(degraded) && degraded.at(-1)).toEqual({ more: 9 });
  });
});

describe('@maxStale', () => {
  const refused = {
    data: { a: { text: null } },
    errors: [{ path: ['a', 'text'], extensions: { code: 'STALE_REFUSED', retryable: true, service: 'catalog' } }],
  };

  test('lets a value through up to its age and refuses an older one', async () => {
    await start(kept(60));
    expect((await engine.post({ query: '{ a { text @maxStale(seconds: 60) } }' })).json).toMatchObject({
      data: { a: { text: 'text' } },
      extensions: { degraded: [{ count: 1 }] },
    });
    const { json } = await engine.post({ query: '{ a { text @maxStale(seconds: 59) } }' });
    expect(json).toMatchObject(refused);
    expect(json).not.toHaveProperty('extensions');
  });

  test.each([
    ['on the field', '{ a { text @maxStale(seconds: 10) } }'],
    ['above it', '{ a @maxStale(seconds: 10) { text } }'],
    ['on the query', 'query @maxStale(seconds: 10) { a { text } }'],
    ['above, where the field allows more', '{ a @maxStale(seconds: 10) { text @maxStale(seconds: 100) } }'],
    [
      'on the field, where the query allows more',
      'query @maxStale(seconds: 100) { a { text @maxStale(seconds: 10) } }',
    ],
    ['in a fragment', '{ ...F } fragment F on Query { a @maxStale(seconds: 10) { ... on Box { text } } }'],
    ['on one of two fields that merge', '{ a { text } a @maxStale(seconds: 10) { text } }'],
    ['by a variable', 'query($limit: Int! = 10) { a { text @maxStale(seconds: $limit) } }'],
    ['by a negative number', '{ a { text @maxStale(seconds: -5) } }'],
  ])('holds %s', async (_name, query) => {
    await start(kept(60));
    expect((await engine.post({ query })).json).toMatchObject(refused);
  });

  test('depends on the variable of each request, and holds nowhere else', async () => {
    await start(kept(60));
    const query = 'query($limit: Int!) { a @maxStale(seconds: $limit) { text } b { text } }';
    const answer = async (limit: number) => (await engine.post({ query, variables: { limit } })).json.data;
    expect(await answer(10)).toEqual({ a: { text: null }, b: { text: 'text' } });
    expect(await answer(100)).toEqual({ a: { text: 'text' }, b: { text: 'text' } });
  });

  test('waits for the refresh that is under way, and serves what it brings', async () => {
    const refresh = Promise.resolve(sourced({ origin: 'fetched' }, 'new'));
    await start({ origin: 'revalidating', staleSeconds: 60, refresh });
    expect((await engine.post({ query: '{ a { text @maxStale(seconds: 10) } }' })).json).toEqual({
      data: { a: { text: 'new' } },
    });
    expect((await engine.post({ query: '{ a { text } }' })).json).toEqual({ data: { a: { text: 'text' } } });
  });

  test('waits on where the refresh brings what is too old as well, and is being refreshed in turn', async () => {
    const fetched = Promise.resolve(sourced({ origin: 'fetched' }, 'new'));
    const found = Promise.resolve(sourced({ origin: 'revalidating', staleSeconds: 60, refresh: fetched }, 'found'));
    await start({ origin: 'default', refresh: found });
    const text = async (seconds: number) =>
      (await engine.post({ query: `{ a { text @maxStale(seconds: ${seconds}) } }` })).json.data;
    expect([await text(60), await text(10)]).toEqual([{ a: { text: 'found' } }, { a: { text: 'new' } }]);
  });

  test('refuses where the refresh brings nothing newer, or fails', async () => {
    for (const refresh of [Promise.resolve(sourced(kept(60))), Promise.reject(timeout)]) {
      refresh.catch(() => {});
      await start({ ...kept(60), refresh });
      expect((await engine.post({ query: '{ a { text @maxStale(seconds: 10) } }' })).json).toMatchObject(refused);
    }
  });

  test('tells what the refresh found gone', async () => {
    const refresh = Promise.reject(new AppError('NOT_FOUND', 'There is no such thing.'));
    refresh.catch(() => {});
    await start({ ...kept(60), refresh });
    expect((await engine.post({ query: '{ a { text @maxStale(seconds: 10) } }' })).codes).toEqual(['NOT_FOUND']);
  });

  test('refuses a default, which has no age', async () => {
    await start({ origin: 'default' });
    expect((await engine.post({ query: '{ a { text @maxStale(seconds: 1000000) } }' })).json).toMatchObject(refused);
  });

  test('of 0 still takes what is fresh', async () => {
    await start({ origin: 'fresh' });
    expect((await engine.post({ query: '{ a { text @maxStale(seconds: 0) } }' })).json).toEqual({
      data: { a: { text: 'text' } },
    });
  });
});

describe('@maxStale on a part of a record', () => {
  async function startRecord() {
    const text = 'text';
    engine = await createTestEngine({
      sdl: `
        type Query { record: Record }
        type Record { text: String  inner: Inner  parts: [Part!]  derived: String  own: String }
        type Inner { text: String }
        union Part = Inner
      `,
      resolvers: {
        Query: {
          record: (_source, _args, context: TestContext, info) => {
            const record = { text, inner: { text }, parts: [{ __typename: 'Inner', text }] };
            return whenReady(judge(sourced(kept(60)), context, info), () => record);
          },
        },
        Record: {
          derived: (record) => (record as { text: string }).text,
          own: (_source, _args, context: TestContext, info) => judge(sourced(kept(5)), context, info),
        },
      },
    });
  }

  test.each([
    ['a plain field', 'text @maxStale(seconds: 10)'],
    ['a plain field of an object in it', 'inner { text @maxStale(seconds: 10) }'],
    ['an object in it', 'inner @maxStale(seconds: 10) { text }'],
    ['one of several types', 'parts { ... on Inner { text @maxStale(seconds: 10) } }'],
    ['what is worked out of it', 'derived @maxStale(seconds: 10)'],
    ['a fragment’s field', '... on Record { text @maxStale(seconds: 10) }'],
    ['the stricter of two', 'text @maxStale(seconds: 100) derived @maxStale(seconds: 10)'],
    ['a variable', 'text @maxStale(seconds: $limit)'],
  ])('holds for the record, as %s', async (_name, part) => {
    await startRecord();
    const variables = part.includes('$') ? 'query ($limit: Int = 10)' : '';
    expect((await engine.post({ query: `${variables} { record { ${part} } }` })).json).toMatchObject({
      data: { record: null },
      errors: [{ path: ['record'], extensions: { code: 'STALE_REFUSED' } }],
    });
  });

  test('leaves the record alone where it allows its age, and where the part is a record of its own', async () => {
    await startRecord();
    for (const part of ['text @maxStale(seconds: 60)', 'text own @maxStale(seconds: 10)']) {
      const { json } = await engine.post({ query: `{ record { ${part} } }` });
      expect(json).toMatchObject({ data: { record: { text: 'text' } } });
      expect(json).not.toHaveProperty('errors');
    }
  });
});

describe('@neverStale', () => {
  test('lets nothing through that was kept, not even a fresh value, at the field and below it', async () => {
    for (const origin of ['fresh', 'revalidating', 'kept', 'default'] as const) {
      await start({ origin });
      const { codes } = await engine.post({ query: '{ a { quote } quote { text box { text } } }' });
      expect(codes).toEqual(['STALE_REFUSED', 'STALE_REFUSED', 'STALE_REFUSED']);
      await engine.stop();
    }
    await start({ origin: 'fetched' });
    expect((await engine.post({ query: '{ a { quote } quote { text box { text } } }' })).status).toBe(200);
  });
});
