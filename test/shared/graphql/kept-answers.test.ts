import { describe, expect, it } from 'vitest';
import type { ReadScope } from '../../../shared/cache/cached-read.ts';
import { HitLog } from '../../../shared/cache/hit-log.ts';
import type { AnswerParts, EngineViewer } from '../../../shared/graphql/engine-context.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeService, createTestCache, evenly, only, requestScope, thingRead } from '../cache/cache-kit.ts';
import { createTestEngine, TestContext, type TestRequest } from './support/test-engine.ts';

const sdl = `
  type Thing { id: ID! revision: Int owner: String text: String @requiresScope(scopes: ["text"]) }
  type Query {
    thing(id: ID!, note: String): Thing
    things(ids: [ID!]!): [Thing!]
    mine(id: ID!): Thing @authenticated
    who: String
    volatile(id: ID!): Thing @neverStale
    broken(id: ID!): Thing
    degraded(id: ID!): Thing
    unfinished(id: ID!): Thing
    constant: Int
  }
  type Mutation { change(id: ID!): Thing changeMine(id: ID!): Thing }
`;

/** A request's context over a real cache. */
class KeptContext extends TestContext {
  readonly hits = new HitLog();
  readonly scope: ReadScope;
  readonly parts: AnswerParts;

  constructor(
    requestId: string,
    viewer: EngineViewer | null,
    { scope, cache }: { readonly scope: ReadScope; readonly cache: ReturnType<typeof createTestCache> },
  ) {
    super(requestId, viewer);
    const { hits } = this;
    this.scope = { ...scope, hits };
    this.parts = {
      get isWhole() {
        return hits.isWhole;
      },
      get wasFetched() {
        return hits.wasFetched;
      },
      get hasStandins() {
        return hits.hasStandins;
      },
      get size() {
        return hits.size;
      },
      isCurrent: () => cache.stillServes(hits),
    };
  }
}

/** An engine whose resolvers read through a real cache; `runs` counts what has been run. */
async function openEngine() {
  const clock = createFakeClock();
  const service = createFakeService();
  const cache = createTestCache(clock, {}, evenly);
  const things = thingRead(service);
  const own = thingRead(service, { name: 'shop.own', audience: 'viewer', tagsOf: (id) => [`own:${id}`] });
  let runs = 0;

  const load = async (read: typeof things, id: string, { scope }: KeptContext) =>
    only(await cache.many(read, [id], scope)).value;
  const field =
    (before: (context: KeptContext) => void = () => {}, read = things) =>
    (_source: never, { id }: { id: string }, context: TestContext) => {
      before(context as KeptContext);
      return load(read, id, context as KeptContext);
    };
  const engine = await createTestEngine({
    sdl,
    clock,
    createContext(id, viewer) {
      runs += 1;
      return new KeptContext(id, viewer, { cache, scope: requestScope(clock, { viewerId: viewer?.id ?? null }) });
    },
    resolvers: {
      Thing: {
        text: ({ text }: { text?: string }) => text ?? 'plain',
      },
      Query: {
        thing: field(),
        things: (async (_source: never, { ids }: { ids: string[] }, { scope }: KeptContext) =>
          (await cache.many(things, ids, scope)).map((result) => only([result]).value)) as never,
        mine: field(undefined, own),
        who: (async (_source: never, _args: never, context: KeptContext) => {
          await load(things, 'a', context);
          return context.viewer?.id ?? null;
        }) as never,
        volatile: field(),
        broken: (async (_source: never, { id }: { id: string }, context: KeptContext) => {
          await load(things, id, context);
          throw new Error('a bug');
        }) as never,
        degraded: field(({ degraded }) => {
          degraded.add({ path: ['degraded'], service: 'shop', reason: 'DEFAULT', ageSeconds: 1 });
        }),
        unfinished: field(({ hits }) => hits.spoil()),
        constant: () => 1,
      },
      Mutation: {
        change: (async (_source: never, { id }: { id: string }, context: KeptContext) => {
          service.revision += 1;
          await cache.drop({ viewerId: null, tags: [`thing:${id}`] });
          return load(things, id, context);
        }) as never,
        changeMine: (async (_source: never, { id }: { id: string }, context: KeptContext) => {
          service.revision += 1;
          await cache.drop({ viewerId: context.viewer?.id ?? null, reads: ['shop.own'] });
          return load(own, id, context);
        }) as never,
      },
    },
  });

  /** One question, and whether it was run for this. */
  async function ask(query: string, given: TestRequest & { variables?: Record<string, unknown> } = {}) {
    const { variables, ...request } = given;
    const before = runs;
    const answer = await engine.post({ query, variables }, { mediaType: 'application/json', ...request });
    return { ...answer, data: answer.json.data as never, isRun: runs > before };
  }

  /** Asks until everything is at hand, and once more so that the answer may have been kept. */
  async function warm(query: string, given: Parameters<typeof ask>[1] = {}) {
    await ask(query, given);
    return ask(query, given);
  }

  return { clock, service, cache, engine, ask, warm };
}

const viewer = (id: string, ...scopes: string[]): EngineViewer => ({ id, scopes: new Set(scopes) });
const thing = '{ thing(id: "a") { id revision } }';
const mine = '{ mine(id: "a") { id revision owner } }';

describe('an answer', () => {
  it('is run until it was made of fresh parts alone, then given out as it was', async () => {
    const { ask } = await openEngine();
    const answers = [await ask(thing), await ask(thing), await ask(thing), await ask(thing)];
    expect(answers.map(({ isRun }) => isRun)).toEqual([true, true, false, false]);
    for (const { status, headers, json } of answers) {
      expect(status).toBe(200);
      expect(json).toEqual({ data: { thing: { id: 'a', revision: 1 } } });
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.get('cache-control')).toBe(answers[0]?.headers.get('cache-control'));
    }
    expect(answers[3]?.usage).toMatchObject({
      isGivenAgain: true,
      rootFields: ['thing'],
      downstreamCalls: 0,
      points: 0,
    });
    expect(answers[1]?.usage.isGivenAgain).toBeUndefined();
  });

  it('for which a service had to be asked is given out where one was kept before it, dropped or due', async () => {
    const { clock, service, cache, ask, warm } = await openEngine();
    await warm(thing);
    await clock.advance(130_000);
    service.revision = 2;
    for (const [isRun, revision] of [
      [true, 2],
      [false, 2],
    ])
      expect(await ask(thing)).toMatchObject({ isRun, data: { thing: { revision } } });
    await cache.drop({ viewerId: null, tags: ['thing:a'] });
    service.revision = 3;
    for (const [isRun, revision] of [
      [true, 3],
      [false, 3],
    ])
      expect(await ask(thing)).toMatchObject({ isRun, data: { thing: { revision } } });
  });

  it('comes in the form that is asked for', async () => {
    const { ask, warm } = await openEngine();
    await warm(thing);
    const other = await ask(thing, { mediaType: 'application/graphql-response+json' });
    expect(other.isRun).toBe(false);
    expect(other.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
  });

  it('is shared between viewers where nobody was looked at, with those who have no token too', async () => {
    const { ask, warm } = await openEngine();
    await warm(thing, { viewer: viewer('ann') });
    expect(await ask(thing, { viewer: viewer('bob') })).toMatchObject({ isRun: false });
    expect(await ask(thing)).toMatchObject({ isRun: false });
  });

  it('that is personal is given to that token alone', async () => {
    const { ask, warm } = await openEngine();
    const [ann, bob] = [viewer('ann'), viewer('bob')];
    await warm(mine, { viewer: ann });
    expect(await ask(mine, { viewer: ann })).toMatchObject({ isRun: false, data: { mine: { owner: 'ann' } } });
    expect(await warm(mine, { viewer: bob })).toMatchObject({ isRun: true, data: { mine: { owner: 'bob' } } });
    expect(await ask(mine, { viewer: bob })).toMatchObject({ isRun: false, data: { mine: { owner: 'bob' } } });
    expect(await ask(mine, { viewer: viewer('ann') })).toMatchObject({ isRun: true });
    expect(await ask(mine)).toMatchObject({ isRun: true, codes: ['UNAUTHENTICATED'] });
  });

  it('for which it was only looked whether there is a viewer is personal, too', async () => {
    const { ask, warm } = await openEngine();
    await warm('{ who }');
    expect(await ask('{ who }')).toMatchObject({ isRun: false, data: { who: null } });
    expect(await ask('{ who }', { viewer: viewer('ann') })).toMatchObject({ isRun: true, data: { who: 'ann' } });
    expect(await ask('{ who }')).toMatchObject({ isRun: false, data: { who: null } });
    expect(await ask('{ who }', { viewer: viewer('bob') })).toMatchObject({ isRun: true, data: { who: 'bob' } });
  });

  it('is given to no other token of the same viewer, whose scopes are fewer', async () => {
    const { ask, warm } = await openEngine();
    const query = '{ thing(id: "a") { text } }';
    const [all, few] = [viewer('ann', 'text'), viewer('ann')];
    await warm(query, { viewer: all });
    expect(await ask(query, { viewer: all })).toMatchObject({ isRun: false, data: { thing: { text: 'plain' } } });
    expect(await ask(query, { viewer: few })).toMatchObject({ isRun: true, codes: ['FORBIDDEN'] });
    expect(await ask(query)).toMatchObject({ isRun: true, codes: ['UNAUTHENTICATED'] });
  });

  it.each<[string, string, TestRequest & { variables?: Record<string, unknown> }]>([
    [
      'other values of variables',
      'query ($id: ID!, $note: String) { thing(id: $id, note: $note) { id } }',
      { variables: { id: 'b' } },
    ],
    [
      'null in the place of nothing',
      'query ($id: ID!, $note: String) { thing(id: $id, note: $note) { id } }',
      { variables: { id: 'a', note: null } },
    ],
    ['another document', '{ thing(id: "a") { id } }', {}],
  ])('answers no other question: %s', async (_case, query, given) => {
    const { ask, warm, cache, clock } = await openEngine();
    await cache.many(thingRead(createFakeService()), ['b'], requestScope(clock));
    await warm('query ($id: ID!, $note: String) { thing(id: $id, note: $note) { id } }', { variables: { id: 'a' } });
    expect(await ask(query, given)).toMatchObject({ isRun: true });
  });

  it('to a GET is not the answer to a POST', async () => {
    const { engine, warm } = await openEngine();
    await warm(thing);
    const got = await engine.get({ query: thing }, { mediaType: 'application/json' });
    expect(got.headers.get('cache-control')).toBe('public, max-age=10');
    expect(got.usage.isGivenAgain).toBeUndefined();
    const again = await engine.get({ query: thing }, { mediaType: 'application/json' });
    expect(again.usage.isGivenAgain).toBe(true);
    expect(again.headers.get('cache-control')).toBe('public, max-age=10');
  });

  it('is chosen by the operation’s name', async () => {
    const { engine } = await openEngine();
    const query = 'query A { thing(id: "a") { id } } query B { thing(id: "a") { revision } }';
    const ask = (operationName: string) => engine.post({ query, operationName }, { mediaType: 'application/json' });
    for (let i = 0; i < 3; i += 1) {
      expect((await ask('A')).json.data).toEqual({ thing: { id: 'a' } });
      expect((await ask('B')).json.data).toEqual({ thing: { revision: 1 } });
    }
    expect((await ask('B')).usage).toMatchObject({ isGivenAgain: true, operationName: 'B' });
  });
});

describe('an answer is not given out again', () => {
  it.each([
    ['volatile(id: "a") { id }', 'with a field that is never stale'],
    ['broken(id: "a") { id }', 'with an error'],
    ['degraded(id: "a") { id }', 'with a degraded value'],
    ['unfinished(id: "a") { id }', 'with a part that may be another thing in a moment'],
    ['thing(id: "a") { id } constant broken(id: "a") { id }', 'with an error in one part'],
    ['constant', 'that was made of nothing'],
  ])('{ %s }: %s', async (selection) => {
    const { ask, warm } = await openEngine();
    await warm(`{ ${selection} }`);
    expect(await ask(`{ ${selection} }`)).toMatchObject({ isRun: true });
  });

  it('of a mutation', async () => {
    const { ask } = await openEngine();
    const revisions: unknown[] = [];
    for (let i = 0; i < 3; i += 1) revisions.push((await ask('mutation { change(id: "a") { revision } }')).data);
    expect(revisions).toEqual([2, 3, 4].map((revision) => ({ change: { revision } })));
  });

  it('to a client that accepts neither of its forms', async () => {
    const { engine, warm } = await openEngine();
    await warm(thing);
    const answer = await engine.post(
      { query: thing },
      { headers: { 'content-type': 'application/json', accept: 'image/png' } },
    );
    expect(answer.usage.isGivenAgain).toBeUndefined();
    expect(answer.status).toBe(406);
  });

  it('to a client that is too old to be served', async () => {
    const engine = await createTestEngine({ sdl, oldestClientVersion: '2.0.0' });
    const answer = await engine.post(
      { query: '{ constant }' },
      { mediaType: 'application/json', clientVersion: '1.0.0' },
    );
    expect(answer.codes).toEqual(['CLIENT_TOO_OLD']);
  });

  it('once one of its parts is no longer fresh, and is when all are again', async () => {
    const { clock, service, ask, warm } = await openEngine();
    const both = '{ thing(id: "a") { revision } other: thing(id: "b") { revision } }';
    await warm('{ thing(id: "a") { revision } }');
    await clock.advance(30_000);
    await warm(both);
    service.revision = 2;
    await clock.advance(29_999);
    expect(await ask(both)).toMatchObject({ isRun: false });
    await clock.advance(1);
    expect(await ask(both)).toMatchObject({ isRun: true });
    await clock.advance(0);
    expect(await ask(both)).toMatchObject({ isRun: true, data: { thing: { revision: 2 }, other: { revision: 1 } } });
    expect(await ask(both)).toMatchObject({ isRun: false });
  });

  it('once one of its parts was dropped, by whatever names it', async () => {
    const { service, cache, ask, warm } = await openEngine();
    const ann = viewer('ann');
    const drops: [string, Parameters<typeof cache.drop>[0]][] = [
      [thing, { viewerId: null, tags: ['thing:a'] }],
      [thing, { viewerId: null, reads: ['shop.things'] }],
      [mine, { viewerId: 'ann', reads: ['shop.own'] }],
      [mine, { viewerId: null, tags: ['own:a'] }],
    ];
    for (const [query, targets] of drops) {
      await warm(query, { viewer: ann });
      expect(await ask(query, { viewer: ann })).toMatchObject({ isRun: false });
      service.revision += 1;
      await cache.drop(targets);
      const { isRun, data } = await ask(query, { viewer: ann });
      expect(isRun).toBe(true);
      expect(JSON.stringify(data)).toContain(`"revision":${service.revision}`);
    }
    await warm(mine, { viewer: ann });
    await cache.purgeViewer('ann');
    expect(await ask(mine, { viewer: ann })).toMatchObject({ isRun: true });
  });

  it('after the viewer’s own mutation, and still to everybody else', async () => {
    const { ask, warm } = await openEngine();
    const [ann, bob] = [viewer('ann'), viewer('bob')];
    await warm(mine, { viewer: ann });
    await warm(mine, { viewer: bob });
    await ask('mutation { changeMine(id: "a") { id } }', { viewer: ann });
    expect(await ask(mine, { viewer: ann })).toMatchObject({ data: { mine: { revision: 2 } } });
    expect(await ask(mine, { viewer: bob })).toMatchObject({ isRun: false, data: { mine: { revision: 1 } } });
  });

  it('where a part was dropped while it was being made', async () => {
    const { service, cache, ask, warm } = await openEngine();
    await warm(thing);
    const other = '{ thing(id: "a") { revision } again: thing(id: "a") { id } }';
    const making = ask(other);
    service.revision = 2;
    await cache.drop({ viewerId: null, tags: ['thing:a'] });
    await making;
    expect(await ask(other)).toMatchObject({ data: { thing: { revision: 2 } } });
  });

  it('in development, where it reports how it was made', async () => {
    const clock = createFakeClock();
    const cache = createTestCache(clock);
    const things = thingRead(createFakeService());
    let runs = 0;
    const engine = await createTestEngine({
      sdl,
      isDevelopment: true,
      createContext(id, asker) {
        runs += 1;
        return new KeptContext(id, asker, { cache, scope: requestScope(clock) });
      },
      resolvers: {
        Query: {
          thing: (async (_source: never, { id }: { id: string }, { scope }: KeptContext) =>
            only(await cache.many(things, [id], scope)).value) as never,
        },
      },
    });
    for (let i = 0; i < 3; i += 1) await engine.post({ query: thing }, { mediaType: 'application/json' });
    expect(runs).toBe(3);
  });
});
