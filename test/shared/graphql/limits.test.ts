import * as fc from 'fast-check';
import { getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { measureDocument } from '../../../shared/graphql/limits/document-size.ts';
import { createTestEngine } from './support/test-engine.ts';

const sdl = 'type Query { node: Node  nodes: [Node!] @listSize(assumedSize: 1) } type Node { id: ID! node: Node }';

async function ask(query: string, isDevelopment = false) {
  const engine = await createTestEngine({
    sdl,
    isDevelopment,
    resolvers: { Query: { node: () => null, nodes: () => [] } },
  });
  try {
    const { status, codes, json } = await engine.post({ query });
    return { status, codes, message: json.errors?.[0]?.message };
  } finally {
    await engine.stop();
  }
}

const refusedBy = (message: string) => ({
  status: 400,
  codes: ['DOCUMENT_LIMIT_EXCEEDED'],
  message: expect.stringContaining(message),
});

const nested = (levels: number): string => (levels === 1 ? '{ id }' : `{ node ${nested(levels - 1)} }`);
const times = (count: number, each: (index: number) => string) =>
  Array.from({ length: count }, (_each, i) => each(i)).join(' ');

describe('a document within the limits is served, and one past them is refused:', () => {
  test('1000 tokens', async () => {
    expect(await ask(`{ node { ${'id '.repeat(140)} } }`)).toMatchObject({ status: 200 });
    expect(await ask(`{ node { ${'id '.repeat(1000)} } }`)).toMatchObject(refusedBy('more that 1000 tokens'));
  });

  test('10 levels of fields, however they are written', async () => {
    expect(await ask(nested(10))).toMatchObject({ status: 200 });
    expect(await ask(nested(11))).toMatchObject(refusedBy('11 levels of fields; at most 10'));
    const inFragments = `{ node { ...F } } fragment F on Node ${nested(9)}`;
    expect(await ask(inFragments)).toMatchObject({ status: 200 });
    expect(await ask(inFragments.replace('{ id }', '{ node { id } }'))).toMatchObject(refusedBy('levels'));
    expect(await ask(`{ ... { node { ... on Node ${nested(10)} } } }`)).toMatchObject(refusedBy('levels'));
  });

  test('30 aliases, __typename and those of fragments included', async () => {
    expect(await ask(`{ node { ${times(30, (i) => `a${i}: id`)} } }`)).toMatchObject({ status: 200 });
    expect(await ask(`{ node { ${times(31, (i) => `a${i}: id`)} } }`)).toMatchObject(refusedBy('31 aliases'));
    expect(await ask(`{ node { ${times(31, (i) => `a${i}: __typename`)} } }`)).toMatchObject(refusedBy('31 aliases'));
    const fragment = `fragment F on Node { ${times(11, (i) => `a${i}: id`)} }`;
    expect(await ask(`{ node { ...F node { ...F node { ...F } } } } ${fragment}`)).toMatchObject(
      refusedBy('33 aliases'),
    );
  });

  test('5 directives', async () => {
    expect(await ask(`{ node { ${times(5, () => 'id @include(if: true)')} } }`)).toMatchObject({ status: 200 });
    expect(await ask(`{ node { ${times(6, () => 'id @include(if: true)')} } }`)).toMatchObject(
      refusedBy('6 directives'),
    );
    expect(await ask(`{ node { id ${'@unknown '.repeat(400)} } }`)).toMatchObject(refusedBy('400 directives'));
  });

  test('20 fields at the root, those of fragments included', async () => {
    expect(await ask(`{ ${times(20, (i) => `a${i}: node { id }`)} }`)).toMatchObject({ status: 200 });
    expect(await ask(`{ ${times(21, (i) => `a${i}: node { id }`)} }`)).toMatchObject(
      refusedBy('21 fields at its root'),
    );
    const query = `{ ...F ... { ...F } } fragment F on Query { ${times(11, (i) => `a${i}: node { id }`)} }`;
    expect(await ask(query)).toMatchObject(refusedBy('22 fields at its root'));
  });

  test('10,000 selections once fragments are expanded, found before anything is expanded', async () => {
    const levels = times(19, (i) => `fragment F${i} on Node { node { ...F${i + 1} ...F${i + 1} } }`);
    const query = `{ node { ...F0 } } ${levels} fragment F19 on Node { id }`;
    expect(query.length).toBeLessThan(1000);
    expect(await ask(query)).toMatchObject(refusedBy('2097151 selections; at most 10000'));
  });

  test('fields asked for again and again, which validation would compare pair by pair', async () => {
    expect(await ask(`{ node { ${times(100, () => 'node { id }')} } }`)).toMatchObject({ status: 200 });
    expect(await ask(`{ node { ${times(160, () => 'node { id }')} } }`)).toMatchObject(
      refusedBy('repetitions of fields'),
    );
  });

  test('6000 levels and a list 3000 deep, before any recursion', async () => {
    expect(await ask('{ node '.repeat(6000))).toMatchObject(refusedBy('tokens'));
    expect(await ask(`{ node(id: ${'['.repeat(3000)}${']'.repeat(3000)}) { id } }`)).toMatchObject(refusedBy('tokens'));
  });
});

describe('introspection', () => {
  test('is refused in production, in any disguise', async () => {
    for (const query of [
      getIntrospectionQuery(),
      '{ __schema { description } }',
      '{ a: __type(name: "Query") { name } }',
      '{ ... { ...F } } fragment F on Query { __schema { description } }',
    ]) {
      expect(await ask(query)).toMatchObject({ status: 400, codes: ['INTROSPECTION_DISABLED'] });
    }
    expect(await ask('{ __typename node { __typename } }')).toMatchObject({ status: 200 });
  });

  test('in development the standard query is served, deep as it is', async () => {
    expect(await ask(getIntrospectionQuery(), true)).toMatchObject({ status: 200 });
    expect(await ask(nested(11), true)).toMatchObject(refusedBy('levels'));
  });
});

describe('the size of a document', () => {
  test('is what counting each expanded selection gives', () => {
    const body = fc.letrec<{ set: string; each: string }>((tie) => ({
      set: fc
        .array(tie('each'), { minLength: 1, maxLength: 3, depthIdentifier: 'set' })
        .map((all) => `{ ${all.join(' ')} }`),
      each: fc.oneof(
        { depthIdentifier: 'set', depthSize: 'small' },
        fc.constantFrom('id', 'a: id', '...F', '...G'),
        tie('set').map((set) => `node ${set}`),
        tie('set').map((set) => `... ${set}`),
      ),
    })).set;
    fc.assert(
      fc.property(body, body, (operation, f) => {
        const g = '{ id a: id node { b: id } }';
        const spread = (text: string): string =>
          text
            .replaceAll('...F', `... ${f.replaceAll('...F', 'id').replaceAll('...G', `... ${g}`)}`)
            .replaceAll('...G', `... ${g}`);
        const written = `${operation} fragment F on Node ${f.replaceAll('...F', 'id')} fragment G on Node ${g}`;
        const [ours] = measureDocument(parse(written)).values();
        const [expanded] = measureDocument(parse(spread(operation))).values();
        expect(ours).toEqual(expanded);
      }),
    );
  });
});
