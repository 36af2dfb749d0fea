import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from './support/test-engine.ts';

const sdl = `
  type Query {
    product(id: ID!): Product
    search(query: String! = "", first: Int! = 20, after: String, filter: Filter): Connection
      @listSize(slicingArguments: ["first"], sizedFields: ["nodes"])
    products(ids: [ID!]!): [Product] @listSize(slicingArguments: ["ids"])
  }
  type Mutation { rename(id: ID!): Product }
  type Product { id: ID! name: String! related: Product  color: Color }
  type Connection { nodes: [Product!]! }
  input Filter { brands: [String!] }
  enum Color { RED }
`;

let engine: TestEngine;

beforeAll(async () => {
  const product = (id: string) => ({ id, name: `Product ${id}`, related: null, color: 'RED' });
  engine = await createTestEngine({
    sdl,
    resolvers: {
      Query: {
        product: (_, { id }: { id: string }) => product(id),
        search: (_, { first }: { first: number }) => ({
          nodes: Array.from({ length: first }, (_each, i) => product(`${i}`)),
        }),
        products: (_, { ids }: { ids: string[] }) => ids.map(product),
      },
      Mutation: { rename: (_, { id }: { id: string }) => product(id) },
    },
  });
});

afterAll(() => engine.stop());

async function refusal(body: unknown) {
  const { status, json, codes } = await engine.post(body);
  expect(json).not.toHaveProperty('data');
  return { status, codes, message: json.errors?.[0]?.message ?? '' };
}

describe('the members of a request', () => {
  test.each([
    ['no body', undefined],
    ['null', null],
    ['a number', 1],
    ['a list', [{ query: '{ __typename }' }]],
    ['a string', '{ __typename }'],
    ['no members', {}],
    ['an empty query', { query: '' }],
    ['a query that is no string', { query: 1 }],
    ['a query that is a syntax tree', { query: { kind: 'Document' } }],
    ['variables that are a string', { query: '{ __typename }', variables: '{}' }],
    ['variables that are a list', { query: '{ __typename }', variables: [] }],
    ['extensions that are a number', { query: '{ __typename }', extensions: 1 }],
    ['an operation name that is a list', { query: '{ __typename }', operationName: ['a'] }],
    ['a document id that is a number', { documentId: 1 }],
  ])('%s is a bad request', async (_name, body) => {
    expect(await refusal(body)).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] });
  });

  test('null members count as not sent, unknown ones are ignored', async () => {
    const body = {
      query: '{ __typename }',
      operationName: null,
      variables: null,
      extensions: null,
      documentId: null,
      color: 1,
    };
    expect((await engine.post(body)).json).toEqual({ data: { __typename: 'Query' } });
  });

  test('members named __proto__ or constructor never reach an object', async () => {
    const variables = JSON.parse(
      '{"id": "1", "__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
    );
    const { json } = await engine.post({ query: 'query($id: ID!) { product(id: $id) { id } }', variables });
    expect(json).toEqual({ data: { product: { id: '1' } } });
    expect({}).not.toHaveProperty('polluted');
    expect(await refusal({ query: '{ __proto__: __typename }' })).toMatchObject({ status: 400 });
    expect(await refusal({ query: 'query($__proto__: ID!) { product(id: $__proto__) { id } }' })).toMatchObject({
      status: 400,
    });
    const aliased = await engine.post({ query: '{ constructor: product(id: 1) { toString: id } }' });
    expect(aliased.json).toEqual({ data: { constructor: { toString: '1' } } });
  });
});

describe('the text of a document', () => {
  test('that cannot be parsed is refused with the place', async () => {
    const { status, json } = await engine.post({ query: '{ product(' });
    expect(status).toBe(400);
    expect(json.errors).toEqual([
      {
        message: 'Syntax Error: Expected Name, found <EOF>.',
        locations: [{ line: 1, column: 11 }],
        extensions: { code: 'GRAPHQL_PARSE_FAILED', retryable: false, requestId: expect.stringMatching(/^request-/) },
      },
    ]);
  });

  test('that does not validate is refused with every error and no suggestion', async () => {
    const { status, codes, json } = await engine.post({
      query: '{ produkt(id: 1) { nam } product(id: 1) { nme } product2: product { id } }',
    });
    expect(status).toBe(400);
    expect(codes).toEqual(['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_VALIDATION_FAILED']);
    expect(JSON.stringify(json)).not.toContain('Did you mean');
    expect(json.errors?.[0]?.message).toBe('Cannot query field "produkt" on type "Query".');
  });

  test.each([
    ['no operation', { query: 'fragment F on Query { __typename }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'two operations and no name',
      { query: 'query A { __typename } query B { __typename }' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'a name that it does not have',
      { query: 'query A { __typename }', operationName: 'B' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'an operation that the schema does not have',
      { query: 'subscription { __typename }' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a fragment within itself', { query: '{ ...F } fragment F on Query { ...F }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'fragments within each other',
      { query: '{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('with %s is refused', async (_name, body, code) => {
    expect(await refusal(body)).toMatchObject({ status: 400, codes: [code] });
  });

  test('runs the operation that is named', async () => {
    const query = 'query A { a: __typename } query B { b: __typename }';
    expect((await engine.post({ query, operationName: 'B' })).json).toEqual({ data: { b: 'Query' } });
  });
});

describe('variables', () => {
  test.each([
    ['of the wrong type', { first: 'ten' }],
    ['that is null though it may not be', { first: null }],
    ['that is missing', {}],
    ['that does not fit', { first: 2 ** 31 }],
  ])('one %s is refused', async (_name, variables) => {
    const query = 'query($first: Int!) { search(first: $first) { nodes { id } } }';
    expect(await refusal({ query, variables })).toMatchObject({ status: 400, codes: ['BAD_USER_INPUT'] });
  });

  test('an enum that is unknown is refused without a suggestion', async () => {
    const { message } = await refusal({
      query: 'query($filter: Filter) { search(filter: $filter) { nodes { id } } }',
      variables: { filter: { brand: ['a'] } },
    });
    expect(message).toContain('Field "brand" is not defined by type "Filter".');
    expect(message).not.toContain('Did you mean');
  });

  test('what no variable is named after is ignored', async () => {
    expect((await engine.post({ query: '{ __typename }', variables: { unknown: 1 } })).status).toBe(200);
  });
});

describe('list arguments and cursors', () => {
  const connection = 'nodes { id }';

  test.each([0, 101, -1, 2_000_000_000])('a page of %i is refused, as a literal and as a variable', async (first) => {
    const literal = { query: `{ search(first: ${first}) { ${connection} } }` };
    const variable = { query: `query($first: Int!) { search(first: $first) { ${connection} } }`, variables: { first } };
    for (const body of [literal, variable]) {
      const { status, codes, message } = await refusal(body);
      expect({ status, codes }).toEqual({ status: 400, codes: ['BAD_USER_INPUT'] });
      expect(message).toBe('Query.search: `first` must be from 1 to 100.');
    }
  });

  test('a list of 101 keys is refused, as a literal and as a variable, and one of 100 is served', async () => {
    const ids = (length: number) => Array.from({ length }, (_each, i) => `${i}`);
    const query = 'query($ids: [ID!]!) { products(ids: $ids) { id } }';
    expect(await refusal({ query, variables: { ids: ids(101) } })).toMatchObject({
      status: 400,
      codes: ['BAD_USER_INPUT'],
    });
    expect(await refusal({ query: `{ products(ids: ${JSON.stringify(ids(101))}) { id } }` })).toMatchObject({
      status: 400,
    });
    expect((await engine.post({ query, variables: { ids: ids(100) } })).status).toBe(200);
    expect((await engine.post({ query: '{ products(ids: "one") { id } }' })).json).toEqual({
      data: { products: [{ id: 'one' }] },
    });
    expect((await engine.post({ query, variables: { ids: 'one' } })).json).toEqual({
      data: { products: [{ id: 'one' }] },
    });
  });

  test.each([
    ['that is empty', ''],
    ['with a space', 'a b'],
    ['with markup', '<script>'],
    ['with a control character', '\u0000'],
    ['of 513 characters', 'x'.repeat(513)],
  ])('a cursor %s is refused', async (_name, after) => {
    const query = `query($after: String) { search(after: $after) { ${connection} } }`;
    expect(await refusal({ query, variables: { after } })).toMatchObject({ status: 400, codes: ['BAD_USER_INPUT'] });
    const literal = { query: `{ search(after: ${JSON.stringify(after)}) { ${connection} } }` };
    expect(await refusal(literal)).toMatchObject({ status: 400, codes: ['BAD_USER_INPUT'] });
  });

  test('a page size and a cursor that are fine, or not given, are served', async () => {
    const query = `query($first: Int, $after: String) { search(first: 5, after: $after) { ${connection} } other: search(after: null) { ${connection} } }`;
    expect(
      (await engine.post({ query: query.replace('$first: Int, ', ''), variables: { after: 'abc==' } })).status,
    ).toBe(200);
    expect((await engine.post({ query: query.replace('$first: Int, ', '') })).status).toBe(200);
  });
});

describe('methods', () => {
  test('a query runs by GET', async () => {
    const { status, json } = await engine.get({
      query: 'query($id: ID!) { product(id: $id) { name } }',
      variables: '{"id":"7"}',
      operationName: '',
    });
    expect({ status, json }).toEqual({ status: 200, json: { data: { product: { name: 'Product 7' } } } });
  });

  test('a mutation by GET gets 405 and is not run', async () => {
    const { status, headers, json } = await engine.get({ query: 'mutation { rename(id: 1) { id } }' });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
    expect(json).not.toHaveProperty('data');
  });

  test('a GET without a preflight header is refused', async () => {
    const { status, codes } = await engine.ask({ method: 'GET', headers: {}, body: { query: '{__typename}' } });
    expect({ status, codes }).toEqual({ status: 400, codes: ['BAD_REQUEST'] });
  });

  test('other methods get 405', async () => {
    const { status, headers } = await engine.ask({ method: 'PUT', body: { query: '{ __typename }' } });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('GET, POST');
  });
});

describe('the media type', () => {
  test.each([
    ['application/json', 'application/json; charset=utf-8'],
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
  ])('%s is answered as %s', async (accept, expected) => {
    const headers = { 'content-type': 'application/json', accept };
    const { headers: answered } = await engine.post({ query: '{ __typename }' }, { headers });
    expect(answered.get('content-type')).toBe(expected);
  });

  test('is the one that the edge has chosen, where it has, for answers and refusals alike', async () => {
    for (const query of ['{ __typename }', '{ nothing }', '{']) {
      const { headers } = await engine.post({ query }, { mediaType: 'application/graphql-response+json' });
      expect(headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
    }
  });

  test('one that cannot be met gets 406', async () => {
    const headers = { 'content-type': 'application/json', accept: 'text/html' };
    expect((await engine.post({ query: '{ __typename }' }, { headers })).status).toBe(406);
  });
});
