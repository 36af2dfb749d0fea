import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { parseManifest } from '../../../shared/graphql/documents/manifest.ts';
import { createTestEngine, type TestEngine, type TestEngineOptions } from './support/test-engine.ts';

const sdl = 'type Query { product(id: ID! = "1"): String } type Mutation { rename: String }';
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const idOf = (text: string) => `sha256:${hashOf(text)}`;
const persisted = (sha256Hash: unknown, version: unknown = 1) => ({ persistedQuery: { version, sha256Hash } });

const listed = 'query Listed { product }';
const mutation = 'mutation Rename { rename }';
const foreign = 'query Foreign { product }';
const free = '{ product }';
// A released app's own text, hashed by its own tool.
const released = { id: 'a'.repeat(64), body: 'query Released { product }' };

let engine: TestEngine;

async function start(options: Partial<TestEngineOptions['documents']> = {}) {
  let resolved = 0;
  engine = await createTestEngine({
    sdl,
    resolvers: {
      Query: { product: (_, { id }: { id: string }) => `${id}-${(resolved += 1)}` },
      Mutation: { rename: () => 'renamed' },
    },
    documents: {
      mode: 'allowlist',
      manifests: [
        { operations: [listed, mutation].map((body) => ({ id: idOf(body), body })) },
        parseManifest(
          JSON.stringify({
            format: 'apollo-persisted-query-manifest',
            version: 1,
            operations: [{ name: 'Released', type: 'query', ...released }],
          }),
        ),
      ],
      foreignManifests: [{ operations: [{ id: idOf(foreign), body: foreign }] }],
      ...options,
    },
  });
}

afterEach(() => engine.stop());

describe('with the allowlist', () => {
  test('a persisted document runs by its id, by the extension, by GET and by POST', async () => {
    await start();
    const answers = [
      await engine.post({ documentId: idOf(listed) }),
      await engine.post({ extensions: persisted(hashOf(listed)) }),
      await engine.post({ documentId: idOf(listed), extensions: persisted(hashOf(listed)) }),
      await engine.get({ documentId: idOf(listed) }),
      await engine.get({ extensions: JSON.stringify(persisted(hashOf(listed))) }),
    ];
    expect(answers.map(({ status, json }) => [status, json])).toEqual(
      answers.map((_answer, i) => [200, { data: { product: `1-${i + 1}` } }]),
    );
  });

  test('a released document runs by the id that its own tool gave it', async () => {
    await start();
    for (const id of [released.id, `sha256:${released.id}`]) {
      expect((await engine.post({ documentId: id })).status).toBe(200);
    }
  });

  test('a persisted mutation runs by POST and gets 405 by GET', async () => {
    await start();
    expect((await engine.post({ documentId: idOf(mutation) })).json).toEqual({ data: { rename: 'renamed' } });
    expect((await engine.get({ documentId: idOf(mutation) })).status).toBe(405);
  });

  test.each([
    ['a free document', { query: free }, 'PERSISTED_DOCUMENT_REQUIRED'],
    ['the text of a listed document', { query: listed }, 'PERSISTED_DOCUMENT_REQUIRED'],
    ['an id with its text', { query: listed, documentId: idOf(listed) }, 'PERSISTED_DOCUMENT_WITH_BODY'],
    ['an id with another text', { query: free, extensions: persisted(hashOf(listed)) }, 'PERSISTED_DOCUMENT_WITH_BODY'],
    ['a document of another client', { documentId: idOf(foreign) }, 'PERSISTED_DOCUMENT_OF_ANOTHER_CLIENT'],
    [
      'a document of another client by its hash',
      { extensions: persisted(hashOf(foreign)) },
      'PERSISTED_DOCUMENT_OF_ANOTHER_CLIENT',
    ],
    ['an unknown id', { documentId: idOf('other') }, 'PERSISTED_QUERY_NOT_FOUND'],
    ['a hash that is no hash', { extensions: persisted('1234') }, 'PERSISTED_DOCUMENT_ID_INVALID'],
    ['a hash that is a number', { extensions: persisted(1) }, 'PERSISTED_DOCUMENT_ID_INVALID'],
    ['no hash', { extensions: { persistedQuery: {} } }, 'PERSISTED_DOCUMENT_ID_INVALID'],
    ['a persisted query that is no object', { extensions: { persistedQuery: 'yes' } }, 'PERSISTED_DOCUMENT_ID_INVALID'],
    ['an id that names an inherited member', { documentId: 'constructor' }, 'PERSISTED_DOCUMENT_ID_INVALID'],
    [
      'two ids that differ',
      { documentId: idOf(listed), extensions: persisted(hashOf(mutation)) },
      'PERSISTED_DOCUMENT_ID_INVALID',
    ],
    ['an unknown protocol version', { extensions: persisted(hashOf(listed), 2) }, 'BAD_REQUEST'],
    ['nothing', { variables: {} }, 'BAD_REQUEST'],
  ])('%s is refused', async (_name, body, code) => {
    await start();
    const { status, codes, json } = await engine.post(body);
    expect({ status, codes }).toEqual({ status: 400, codes: [code] });
    expect(json).not.toHaveProperty('data');
  });

  test('an unknown hash is told in the way that makes Apollo Client send the text', async () => {
    await start();
    const { status, json } = await engine.post({ extensions: persisted(hashOf('other')) });
    expect(status).toBe(200);
    expect(json.errors?.[0]).toMatchObject({
      message: 'PersistedQueryNotFound',
      extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
    });
  });

  test('a document is never remembered', async () => {
    await start({ remembersDocuments: true });
    await engine.post({ query: free, extensions: persisted(hashOf(free)) });
    expect((await engine.post({ extensions: persisted(hashOf(free)) })).codes).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
  });
});

describe('with open documents', () => {
  test('a document that came with its hash is remembered by it', async () => {
    await start({ mode: 'open' });
    expect((await engine.post({ extensions: persisted(hashOf(free)) })).codes).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    expect((await engine.post({ query: free, extensions: persisted(hashOf(free)) })).status).toBe(200);
    expect((await engine.get({ extensions: JSON.stringify(persisted(hashOf(free))) })).json).toEqual({
      data: { product: '1-2' },
    });
  });

  test('the hash of another text is refused, and remembers nothing', async () => {
    await start({ mode: 'open' });
    const { status, codes } = await engine.post({ query: free, extensions: persisted(hashOf(listed + ' ')) });
    expect({ status, codes }).toEqual({ status: 400, codes: ['PERSISTED_DOCUMENT_MISMATCH'] });
    expect((await engine.post({ extensions: persisted(hashOf(listed + ' ')) })).codes).toEqual([
      'PERSISTED_QUERY_NOT_FOUND',
    ]);
  });

  test('a bad document is not remembered', async () => {
    await start({ mode: 'open' });
    const bad = '{ nothing }';
    expect((await engine.post({ query: bad, extensions: persisted(hashOf(bad)) })).status).toBe(400);
    expect((await engine.post({ extensions: persisted(hashOf(bad)) })).codes).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
  });

  test('nothing is remembered where that is not allowed, and the document runs all the same', async () => {
    await start({ mode: 'open', remembersDocuments: false });
    expect((await engine.post({ query: free, extensions: persisted(hashOf(free)) })).status).toBe(200);
    expect((await engine.post({ extensions: persisted(hashOf(free)) })).codes).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
  });

  test('another client’s document is refused by its id', async () => {
    await start({ mode: 'open' });
    expect((await engine.post({ documentId: idOf(foreign) })).codes).toEqual(['PERSISTED_DOCUMENT_OF_ANOTHER_CLIENT']);
  });

  test('at most as many documents as allowed are kept, good and bad apart', async () => {
    await start({ mode: 'open', maxKept: 2 });
    const remember = (query: string) => engine.post({ query, extensions: persisted(hashOf(query)) });
    for (const alias of ['a', 'b', 'c']) await remember(`{ ${alias}: product }`);
    for (const alias of ['d', 'e', 'f']) await remember(`{ ${alias}: nothing }`);
    const found = await Promise.all(
      ['a', 'b', 'c'].map((alias) => engine.post({ extensions: persisted(hashOf(`{ ${alias}: product }`)) })),
    );
    expect(found.map(({ codes }) => codes)).toEqual([['PERSISTED_QUERY_NOT_FOUND'], [], []]);
  });
});
