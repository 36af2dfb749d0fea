import { globSync, readFileSync } from 'node:fs';
import { Kind, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createDocumentReader } from '../../../shared/graphql/documents/document-reader.ts';
import { createOperationPreparer } from '../../../shared/graphql/execution/operation.ts';
import { defaultDocumentLimits } from '../../../shared/graphql/limits/document-limits.ts';
import { createExecutableSchema } from '../../../shared/graphql/schema.ts';
import { createTestEngine, directives } from './support/test-engine.ts';

const sdl = `
  type Query {
    product: Product
    dear: Product @cost(weight: 7)
    free: Product @cost(weight: 0)
    text: String
    dearText: String @cost(weight: 3)
    texts: [String!] @listSize(assumedSize: 50)
    categories: [Category!] @listSize(assumedSize: 12)
    unsized: [Category!]
    grid: [[Category!]!] @listSize(assumedSize: 3)
    products(ids: [ID!]!): [Product] @listSize(slicingArguments: ["ids"])
    either(ids: [ID!], first: Int): [Product] @listSize(slicingArguments: ["ids", "first"], assumedSize: 4)
    search(first: Int! = 20, after: String): Connection @cost(weight: 2) @listSize(slicingArguments: ["first"], sizedFields: ["nodes", "edges"])
    found: Found
  }
  type Product { id: ID! category: Category related(first: Int! = 5): [Product!] @listSize(slicingArguments: ["first"]) }
  type Category { id: ID! parent: Category }
  type Connection { nodes: [Product!]! edges: [Category!] other: [Category!] facets: Facets }
  type Facets { nodes: [Product!]! }
  union Found = Product | Category | Facets
`;

const prepare = createOperationPreparer(createExecutableSchema(`${directives} ${sdl}`, {}), 10_000);

function costOf(query: string, variables: Record<string, unknown> = {}): number {
  const document = parse(query);
  const definition = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('There is no operation.');
  return prepare('id', document, definition).costOf(variables);
}

describe('the cost of an operation', () => {
  test.each([
    ['a scalar costs nothing', '{ text __typename }', 0],
    ['an object costs 1', '{ product { id } }', 1],
    ['objects in objects add up', '{ product { category { parent { id } } } }', 3],
    ['@cost stands in for the 1', '{ dear { id category { id } } free { id } dearText }', 7 + 1 + 0 + 3],
    ['a list costs its length times an item', '{ categories { id parent { id } } }', 12 * 2],
    ['a list of scalars costs nothing', '{ texts }', 0],
    ['a list of unknown length counts as 10', '{ unsized { id } }', 10],
    ['a list of lists multiplies', '{ grid { id } }', 3 * 10],
    ['a literal list of keys says its length', '{ products(ids: ["a", "b", "c"]) { id category { id } } }', 3 * 2],
    ['the argument’s default says it where it is not given', '{ product { related { id } } }', 1 + 5],
    ['a literal number says it', '{ product { related(first: 30) { id } } }', 1 + 30],
    ['the largest of several arguments counts', '{ either(ids: ["a"], first: 9) { id } }', 9],
    ['the assumed size counts where none of them is given', '{ either { id } }', 4],
    [
      'a connection’s argument sizes the lists it names, at its own level alone',
      '{ search(first: 3) { nodes { id } edges { id } other { id } facets { nodes { id } } } }',
      2 + 3 + 3 + 10 + (1 + 10),
    ],
    [
      'lists in lists multiply',
      '{ search(first: 10) { nodes { related(first: 4) { category { id } } } } }',
      2 + 10 * (1 + 4 * (1 + 1)),
    ],
    [
      'of a union the costliest member counts',
      '{ found { ... on Product { category { id } } ... on Category { parent { parent { id } } } } }',
      1 + 2,
    ],
    ['fields that merge count once', '{ product { id } ...F } fragment F on Query { product { category { id } } }', 2],
    ['every alias counts', '{ a: product { id } b: product { id } }', 2],
    ['what a condition may skip counts', 'query($no: Boolean!) { product @include(if: $no) { id } }', 1],
  ])('%s', (_name, query, cost) => {
    expect(costOf(query)).toBe(cost);
  });

  test('depends on the variables', () => {
    const query =
      'query($first: Int!, $inner: Int = 2) { search(first: $first) { nodes { related(first: $inner) { id } } } product { id } }';
    expect(costOf(query, { first: 10, inner: 3 })).toBe(2 + 10 * (1 + 3) + 1);
    expect(costOf(query, { first: 100, inner: 100 })).toBe(2 + 100 * 101 + 1);
    const keys = 'query($ids: [ID!]!, $id: ID!) { products(ids: $ids) { id } more: products(ids: [$id, $id]) { id } }';
    expect(costOf(keys, { ids: ['a', 'b', 'c'], id: 'a' })).toBe(5);
    const nullable = 'query($first: Int) { either(first: $first) { id } }';
    expect([costOf(nullable, { first: null }), costOf(nullable), costOf(nullable, { first: 6 })]).toEqual([4, 4, 6]);
  });

  test('above the limit is refused before a resolver runs, and told in a header in development', async () => {
    let ran = 0;
    const engine = await createTestEngine({
      sdl,
      costLimit: 100,
      isDevelopment: true,
      resolvers: { Query: { search: () => void (ran += 1) } },
    });
    const query = 'query($first: Int!) { search(first: $first) { nodes { id category { id } } } }';
    const within = await engine.post({ query, variables: { first: 49 } });
    expect([within.status, within.headers.get('x-operation-cost'), within.usage.cost]).toEqual([200, '100', 100]);
    const above = await engine.post({ query, variables: { first: 50 } });
    expect([above.status, above.codes, above.headers.get('x-operation-cost'), above.usage.cost, ran]).toEqual([
      400,
      ['COST_LIMIT_EXCEEDED'],
      '102',
      102,
      1,
    ]);
    expect(above.json.errors?.[0]?.message).toContain('costs 102; at most 100');
    await engine.stop();
  });
});

describe('the documents of our own clients', () => {
  const clients = globSync('schema/generated/*/schema.graphql').map((path) => path.split(/[\\/]/)[2] ?? '');

  test.each(clients)('%s: all are served', (client) => {
    const schema = createExecutableSchema(readFileSync(`schema/generated/${client}/schema.graphql`, 'utf8'), {});
    const read = createDocumentReader({
      schema,
      prepare: createOperationPreparer(schema, 10_000),
      limits: defaultDocumentLimits,
      allowsIntrospection: false,
    });
    const { operations } = JSON.parse(readFileSync(`schema/generated/${client}/persisted-documents.json`, 'utf8'));
    expect(operations.length).toBeGreaterThan(0);
    for (const { id, body } of operations) {
      const document = read(id, body);
      const cost = document.kind === 'ready' ? document.operations[0]?.costOf({}) : undefined;
      expect(cost).toBeLessThan(5000);
    }
  });
});
