import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from './support/test-engine.ts';

const sdl = `
  type Query { search(first: Int! = 20, filter: Filter): String }
  type Mutation { order(quantity: Int! = 1, line: Line): String }
  input Filter { brands: [String!]  anyOf: [Filter!] }
  input Line { quantity: Int! = 1 }
`;

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine({
    sdl,
    resolvers: { Query: { search: () => 'found' }, Mutation: { order: () => 'ordered' } },
  });
});

afterAll(() => engine.stop());

async function refusal(query: string, variables: Record<string, unknown> = {}) {
  const { status, json, codes } = await engine.post({ query, variables });
  expect(json).not.toHaveProperty('data');
  return { status, codes, message: json.errors?.[0]?.message };
}

describe('a variable that is null where the argument takes no null', () => {
  test.each([
    ['query($n: Int) { field: search(first: $n) fine: search }', 'Argument "first" of non-null type "Int!"'],
    ['mutation($n: Int) { field: order(quantity: $n) fine: order }', 'Argument "quantity" of non-null type "Int!"'],
    ['mutation($n: Int) { field: order(line: { quantity: $n }) fine: order }', 'Argument "line" has invalid value'],
  ])('is that field’s own error, and the message says which argument: %s', async (query, message) => {
    const { status, json } = await engine.post({ query, variables: { n: null } });
    expect(status).toBe(200);
    expect(json).toEqual({
      data: { field: null, fine: expect.any(String) },
      errors: [
        {
          message: expect.stringContaining(message),
          locations: [expect.anything()],
          path: ['field'],
          extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', retryable: false }),
        },
      ],
    });
  });

  test.each(['skip', 'include'])('is refused in @%s, for nobody can tell what was meant', async (name) => {
    const query = `query($is: Boolean = true) { search other: search @${name}(if: $is) }`;
    expect(await refusal(query, { is: null })).toEqual({
      status: 400,
      codes: ['BAD_USER_INPUT'],
      message: 'The variable `is` of @skip or @include must not be null.',
    });
    expect((await engine.post({ query })).status).toBe(200);
  });
});

describe('a list of more than 100 items', () => {
  const words = (count: number) => Array.from({ length: count }, (_each, i) => `${i}`);
  const literal = JSON.stringify(words(101));
  const byVariable = 'query($filter: Filter) { search(filter: $filter) }';

  test.each([
    ['a literal', `{ search(filter: { brands: ${literal} }) }`, {}],
    ['a default', `query($b: [String!] = ${literal}) { search(filter: { brands: $b }) }`, {}],
    ['a variable', 'query($b: [String!]) { search(filter: { brands: $b }) }', { b: words(101) }],
    ['a member of a variable', byVariable, { filter: { brands: words(101) } }],
    ['deep in a variable', byVariable, { filter: { anyOf: [{}, { anyOf: [{ brands: words(5000) }] }] } }],
  ])('is refused as %s, whatever the field does with it', async (_name, query, variables) => {
    expect(await refusal(query, variables)).toEqual({
      status: 400,
      codes: ['BAD_USER_INPUT'],
      message: expect.stringMatching(/^A list takes at most 100 items/),
    });
  });

  test('is one more than is served', async () => {
    const filter = { brands: words(100), anyOf: [{ brands: words(100) }] };
    expect((await engine.post({ query: byVariable, variables: { filter } })).json).toEqual({
      data: { search: 'found' },
    });
    const query = `{ search(filter: { brands: ${JSON.stringify(words(100))} }) }`;
    expect((await engine.post({ query })).status).toBe(200);
  });
});
