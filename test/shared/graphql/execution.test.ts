import { buildSchema, Kind, parse } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import type { EngineContext } from '../../../shared/graphql/engine-context.ts';
import { createOperationPreparer } from '../../../shared/graphql/execution/operation.ts';
import { createExecutableSchema } from '../../../shared/graphql/schema.ts';
import { createTestEngine } from './support/test-engine.ts';

type Resolvers = Record<string, Record<string, (...args: never[]) => unknown>>;

function prepare(sdl: string, resolvers: Resolvers, query: string, maxFields = 10_000) {
  const document = parse(query);
  const [definition] = document.definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The operation comes first.');
  return createOperationPreparer(createExecutableSchema(sdl, resolvers), maxFields)('id', document, definition);
}

function run(sdl: string, resolvers: Resolvers, query: string, variables: Record<string, unknown> = {}) {
  return prepare(sdl, resolvers, query).run({} as EngineContext, variables);
}

describe('the executor', () => {
  test('answers at once where nothing is late', () => {
    expect(run('type Query { a: Int }', { Query: { a: () => 1 } }, '{ a }')).toEqual({ data: { a: 1 } });
  });

  test('runs the text of no document: graphql-jit 0.8.9 did', async () => {
    const magic = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74dglobalThis.hijacked = true';
    const answer = run(
      'type Query { echo(text: String): String }',
      { Query: { echo: (_source: unknown, { text }: { text: string }) => text } },
      `{ echo(text: ${JSON.stringify(magic)}) }`,
    );
    expect(answer).toEqual({ data: { echo: magic } });
    expect(globalThis).not.toHaveProperty('hijacked');
  });

  test('gives a resolver the info that graphql-js gives', async () => {
    const schema = buildSchema('type Query { box(size: Int): Box } type Box { field: String }');
    let seen: Record<string, unknown> = {};
    await run(
      'type Query { box(size: Int): Box } type Box { field: String }',
      {
        Query: { box: () => ({}) },
        Box: { field: (_source: unknown, _args: unknown, _context: unknown, info: never) => void (seen = info) },
      },
      'query Q($size: Int) { it: box(size: $size) { ...F } } fragment F on Box { alias: field }',
      { size: 3 },
    );
    expect(seen['fieldName']).toBe('field');
    expect(String(seen['returnType'])).toBe('String');
    expect(String(seen['parentType'])).toBe('Box');
    expect(seen['path']).toMatchObject({
      key: 'alias',
      typename: 'Box',
      prev: { key: 'it', typename: 'Query', prev: undefined },
    });
    expect(seen['variableValues']).toEqual({ size: 3 });
    expect(Object.keys(seen['fragments'] as object)).toEqual(['F']);
    expect(seen['operation']).toMatchObject({ name: { value: 'Q' } });
    expect(seen['fieldNodes']).toMatchObject([{ alias: { value: 'alias' } }]);
    expect(Object.keys((seen['schema'] as typeof schema).getTypeMap())).toContain('Box');
  });

  test('runs a mutation’s fields one after another, each with everything below it', async () => {
    const order: string[] = [];
    const step = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      return {};
    };
    const answer = await run(
      'type Query { a: Int } type Mutation { a: Box  b: Box } type Box { inner: Box }',
      { Mutation: { a: step('a'), b: step('b') }, Box: { inner: step('inner') } },
      'mutation { a { inner { __typename } } b { __typename } c: a { __typename } }',
    );
    expect(answer.data).toEqual({
      a: { inner: { __typename: 'Box' } },
      b: { __typename: 'Box' },
      c: { __typename: 'Box' },
    });
    expect(order).toEqual([
      'a begins',
      'a ends',
      'inner begins',
      'inner ends',
      'b begins',
      'b ends',
      'a begins',
      'a ends',
    ]);
  });

  test('runs no further mutation once the whole answer is null', async () => {
    const second = vi.fn();
    const answer = await run(
      'type Query { a: Int } type Mutation { a: Int!  b: Int }',
      { Mutation: { a: () => Promise.reject(new Error('no')), b: second } },
      'mutation { a b }',
    );
    expect(answer).toMatchObject({ data: null, errors: [{ path: ['a'] }] });
    expect(second).not.toHaveBeenCalled();
  });

  test('answers where a type cannot be told, instead of hanging', async () => {
    const answer = await run(
      'type Query { thing: Thing late: Thing } union Thing = A | B type A { a: Int } type B { b: Int }',
      { Query: { thing: () => ({ __typename: 'C' }), late: async () => ({}) } },
      '{ thing { __typename } late { ... on A { a } } }',
    );
    expect(answer.data).toEqual({ thing: null, late: null });
    expect(answer.errors).toHaveLength(2);
  });

  test('answers where a value throws while it is read, instead of hanging', async () => {
    const trap = () => ({
      get a(): number {
        throw new Error('no');
      },
      *[Symbol.iterator]() {
        yield 1;
        throw new Error('no');
      },
    });
    const answer = await run(
      'type Query { box: Box  late: Box  list: [Int]  lateList: [Int] } type Box { a: Int }',
      { Query: { box: trap, late: async () => trap(), list: trap, lateList: async () => trap() } },
      '{ box { a } late { a } list lateList }',
    );
    expect(answer.data).toEqual({ box: { a: null }, late: { a: null }, list: null, lateList: null });
  });

  test('asks for nothing more below a position that is null for good', async () => {
    const asked = vi.fn();
    let reject = (_error: Error) => {};
    let resolve = (_value: unknown) => {};
    const answer = run(
      'type Query { box: Box } type Box { must: Int!  inner: Box  later: Int }',
      {
        Query: { box: () => ({}) },
        Box: {
          must: () => new Promise((_resolve, no) => (reject = no)),
          inner: () => new Promise((yes) => (resolve = yes)),
          later: asked,
        },
      },
      '{ box { must inner { later } } }',
    );
    reject(new Error('no'));
    await Promise.resolve();
    resolve({});
    expect(await answer).toMatchObject({ data: { box: null }, errors: [{ path: ['box', 'must'] }] });
    expect(asked).not.toHaveBeenCalled();
  });

  test('tells one error for a position that several would make null: the first', async () => {
    const late = (name: string, turns: number) => async () => {
      for (let i = 0; i < turns; i += 1) await new Promise((resolve) => setImmediate(resolve));
      throw new Error(name);
    };
    const answer = await run(
      'type Query { box: Box } type Box { a: Int!  b: Int!  c: Int }',
      { Query: { box: () => ({}) }, Box: { a: late('a', 2), b: late('b', 1), c: late('c', 3) } },
      '{ box { a b c } }',
    );
    expect(answer.errors?.map(({ message }) => message)).toEqual(['b']);
  });

  test('leaves no promise unheard when it gives up a list', async () => {
    const stray = vi.fn();
    process.on('unhandledRejection', stray);
    const answer = run(
      'type Query { list: [Int!] }',
      { Query: { list: () => [new Error('first'), Promise.reject(new Error('second')), Promise.resolve(3)] } },
      '{ list }',
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', stray);
    expect(await answer).toMatchObject({ data: { list: null }, errors: [{ path: ['list', 0] }] });
    expect(stray).not.toHaveBeenCalled();
  });

  test('never serves a value of the wrong type', () => {
    const sdl =
      'type Query { int: Int  float: Float  flag: Boolean  id: ID  color: Color  text: String } enum Color { RED }';
    const wrong = { int: 1.5, float: Number.NaN, flag: 'yes', id: {}, color: 'BLUE', text: {} };
    const resolvers = Object.fromEntries(Object.entries(wrong).map(([name, value]) => [name, () => value]));
    const answer = run(sdl, { Query: resolvers }, '{ int float flag id color text }');
    expect(answer).toMatchObject({ data: { int: null, float: null, flag: null, id: null, color: null, text: null } });
  });

  test('plans each set of conditions once, and forgets them when there are too many', () => {
    const names = Array.from({ length: 6 }, (_each, i) => `v${i}`);
    const operation = prepare(
      'type Query { a: Int }',
      { Query: { a: () => 1 } },
      `query(${names.map((name) => `$${name}: Boolean!`).join()}) { ${names.map((name) => `${name}: a @include(if: $${name})`).join(' ')} }`,
    );
    for (let bits = 0; bits < 64; bits += 1) {
      const variables = Object.fromEntries(names.map((name, i) => [name, (bits >> i) % 2 === 1]));
      const expected = Object.fromEntries(names.filter((name) => variables[name]).map((name) => [name, 1]));
      expect(operation.run({} as EngineContext, variables)).toEqual({ data: expected });
    }
  });

  test('refuses to plan more fields than allowed, which unions multiply', async () => {
    const query = '{ thing { __typename ... on A { a } ... on B { b } } }';
    const sdl = 'type Query { thing: Thing } union Thing = A | B type A { a: Int } type B { b: Int }';
    expect(() => prepare(sdl, {}, query, 5)).not.toThrow();
    expect(() => prepare(sdl, {}, query, 4)).toThrow('more than 4 fields');
  });

  test('keeps a request’s arguments apart from another’s', async () => {
    const engine = await createTestEngine({
      sdl: 'type Query { echo(text: String!): String }',
      resolvers: {
        Query: {
          echo: async (_source, args: { text: string }) => {
            const { text } = args;
            await new Promise((resolve) => setImmediate(resolve));
            return `${text} ${args.text}`;
          },
        },
      },
    });
    const query = 'query($text: String!) { echo(text: $text) }';
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_each, i) => engine.post({ query, variables: { text: `${i}` } })),
    );
    expect(answers.map(({ json }) => json.data)).toEqual(
      Array.from({ length: 50 }, (_each, i) => ({ echo: `${i} ${i}` })),
    );
    await engine.stop();
  });
});
