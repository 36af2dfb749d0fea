import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../../scripts/client-profile.ts';
import * as released from '../../scripts/released-documents.ts';
import { findBrokenDocuments, listReleases, type NewRelease } from '../../scripts/released-documents.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const shared = `
  directive @listSize(slicingArguments: [String!]) on FIELD_DEFINITION
  type Query
  extend type Query { product(id: ID!): Product  many(first: Int! = 5): [Many!] @listSize(slicingArguments: ["first"]) }
  type Product { id: ID! name: String }
  type Many { id: ID!  many(first: Int! = 5): [Many!] @listSize(slicingArguments: ["first"]) }
`;
const tv = 'extend type Product { poster(size: Size! = BIG): String }\nenum Size { BIG SMALL }';

function createTree() {
  return createTemporaryFolder({
    'bffs/tv/profile.ts': '',
    'bffs/car/profile.ts': '',
    'schema/shared/catalog.graphql': shared,
    'schema/tv/catalog.graphql': tv,
  });
}

function addRelease(root: string, release: Omit<NewRelease, 'costLimit'>): boolean {
  return released.addRelease(root, { ...release, costLimit: 5000 });
}

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly body: string;
}

function operation(body: string, changes: Partial<Entry> = {}): Entry {
  const name = /^(?:query|mutation) (\w+)/.exec(body)?.[1] ?? '';
  return { id: createHash('sha256').update(body).digest('hex'), name, type: 'query', body, ...changes };
}

function manifest(...operations: readonly object[]): string {
  return JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });
}

const poster = operation('query Poster { product(id: 1) { poster(size: BIG) } }');
const names = operation('query Names { product(id: 1) { name } }');

describe('documents:add', () => {
  it('keeps a manifest, in an order of its own', () => {
    const root = createTree();
    expect(addRelease(root, { client: 'tv', version: '1.2.0', text: manifest(poster, names) })).toBe(true);
    expect(listReleases(root)).toEqual([{ client: 'tv', version: '1.2.0', operations: [names, poster] }]);
  });

  it('takes ids with and without the prefix, as Apollo, iOS and Kotlin write them, and texts that they hash their own way', () => {
    const root = createTree();
    const prefixed = { ...poster, id: `sha256:${poster.id}` };
    const hashedOtherwise = { ...names, id: 'a'.repeat(64) };
    addRelease(root, { client: 'tv', version: '1', text: manifest(prefixed, hashedOtherwise) });
    expect(listReleases(root)[0]?.operations.map(({ id }) => id)).toEqual(['a'.repeat(64), prefixed.id]);
  });

  it('changes nothing when the same manifest comes again, in whatever order', () => {
    const root = createTree();
    addRelease(root, { client: 'tv', version: '1', text: manifest(poster, names) });
    expect(addRelease(root, { client: 'tv', version: '1', text: manifest(names, poster) })).toBe(false);
  });

  it('refuses to change what is released', () => {
    const root = createTree();
    addRelease(root, { client: 'tv', version: '1', text: manifest(poster) });
    const kept = readFileSync(join(root, 'schema/released/tv/1.json'), 'utf8');
    expect(() => addRelease(root, { client: 'tv', version: '1', text: manifest(names) })).toThrow(
      /tv 1 is released already, with other documents\..*add a new version/,
    );
    expect(readFileSync(join(root, 'schema/released/tv/1.json'), 'utf8')).toBe(kept);
  });

  it('refuses an id that stands for another text in another version of the app', () => {
    const root = createTree();
    addRelease(root, { client: 'tv', version: '1', text: manifest(poster) });
    const reused = { ...names, id: `sha256:${poster.id}` };
    expect(() => addRelease(root, { client: 'tv', version: '2', text: manifest(reused) })).toThrow(
      'stands for another text in version 1 (Poster)',
    );
  });

  it.each([
    ['a text that is not JSON', 'query { a }', 'The file is not JSON.'],
    ['another format', '{"operations":[]}', "This is no manifest in Apollo's format"],
    ['no operations', manifest(), 'The manifest lists no operations.'],
    [
      'an id that is no hash',
      manifest({ ...names, id: 'Names' }),
      'operations[0]: Names has an "id" that is no SHA-256',
    ],
    ['no body', manifest({ ...names, body: undefined }), 'Names has no "body".'],
    ['a body that cannot be parsed', manifest({ ...names, body: 'query Names {' }), 'Names cannot be parsed'],
    [
      'two operations in a body',
      manifest({ ...names, body: `${names.body} ${poster.body}` }),
      '2 operations in its body',
    ],
    [
      'a name that the body does not have',
      manifest({ ...names, name: 'Others' }),
      'Others is called Names in its body.',
    ],
    ['a wrong type', manifest({ ...names, type: 'mutation' }), 'Names is a query, its "type" says "mutation".'],
    ['the same id twice', manifest(names, { ...poster, id: names.id }), `The id ${names.id} is listed 2 times.`],
    ['the same name twice', manifest(names, { ...names, id: 'b'.repeat(64) }), 'The name Names is listed 2 times.'],
    [
      'a document beyond the limits',
      manifest(
        operation(`query A { ${Array.from({ length: 21 }, (_, n) => `a${n}: product(id: ${n}) { id }`).join(' ')} }`),
      ),
      'A: The document has 21 ',
    ],
    [
      'a list longer than any page',
      manifest(operation('query A { many(first: 101) { id } }')),
      '`first` must be from 1',
    ],
    [
      'a document that costs too much whatever its variables',
      manifest(
        operation(
          `query A($n: Int) { ${['a', 'b', 'c'].map((key) => `${key}: many(first: 100) { many(first: 100) { many(first: $n) { id } } }`).join(' ')} }`,
        ),
      ),
      'A: It costs at least 60300; at most 5000 is served.',
    ],
    [
      'a subscription where there are none',
      manifest(operation('subscription A { a }', { name: 'A', type: 'subscription' })),
      'A: There are no subscription operations here.',
    ],
    ['a field that the client has not', manifest(operation('query A { a }')), 'A, Query.a: Cannot query field "a"'],
  ])('refuses %s', (_, text, problem) => {
    const root = createTree();
    expect(() => addRelease(root, { client: 'tv', version: '1', text })).toThrow(problem);
    expect(existsSync(join(root, 'schema/released'))).toBe(false);
  });

  it('refuses what costs more than this client’s server serves', async () => {
    const text = manifest(operation('query A { many(first: 100) { id } }'));
    const costLimit = (await readProfile(repositoryRoot, 'web'))?.costLimit;
    expect(costLimit).toBe(5000);
    expect(() => released.addRelease(createTree(), { client: 'tv', version: '1', text, costLimit: 99 })).toThrow(
      'at most 99 is served',
    );
    expect(await readProfile(repositoryRoot, 'tv')).toBeUndefined();
  });

  it('names everything that is wrong at once', () => {
    const text = manifest({ ...names, id: '1' }, { ...poster, type: 'mutation' });
    expect(() => addRelease(createTree(), { client: 'tv', version: '1', text })).toThrow(
      /operations\[0\].*\n.*operations\[1\]/,
    );
  });

  it('keeps two apps of one client apart that came to the same version', () => {
    const root = createTree();
    addRelease(root, { client: 'tv', version: '1.2.0-ios', text: manifest(poster) });
    addRelease(root, { client: 'tv', version: '1.2.0-kotlin', text: manifest({ ...poster, id: 'c'.repeat(64) }) });
    addRelease(root, { client: 'tv', version: '1.10', text: manifest(names) });
    expect(listReleases(root).map(({ version }) => version)).toEqual(['1.2.0-ios', '1.2.0-kotlin', '1.10']);
  });

  it.each(['../../../outside', '1.0.0-', '1.0.0-a/b', '', 'v1', '1.2.3.4'])('refuses %j as a version', (version) => {
    expect(() => addRelease(createTree(), { client: 'tv', version, text: manifest(names) })).toThrow('is no version');
  });

  it('refuses a client that this repository does not serve, and names those that it does', () => {
    const release = { client: '../tv', version: '1', text: manifest(names) };
    expect(() => addRelease(createTree(), release)).toThrow('There is no client "../tv"; the clients are car, tv.');
  });

  it("refuses another client's documents", () => {
    const release = { client: 'car', version: '1', text: manifest(poster) };
    expect(() => addRelease(createTree(), release)).toThrow('Poster, Product.poster: Cannot query field "poster"');
  });
});

describe('schema:check', () => {
  const released = (sdl: string) => {
    const root = createTree();
    addRelease(root, { client: 'tv', version: '1.10.0', text: manifest(poster) });
    addRelease(root, { client: 'tv', version: '1.9.0', text: manifest(poster, names) });
    writeFileSync(join(root, 'schema/tv/catalog.graphql'), sdl);
    return findBrokenDocuments(root).map(({ client, version, operation: asked, field }) => [
      client,
      version,
      asked,
      field,
    ]);
  };

  it('finds nothing while every released document validates', () => {
    expect(released(tv)).toEqual([]);
  });

  it.each([
    ['a new field', `${tv}\nextend type Product { logo: String }`],
    ['a new argument with a default', tv.replace('poster(', 'poster(dark: Boolean = false ')],
    ['a removed field that no release asks for', `${tv}\nextend type Query { other: Int }`],
    ['a removed enum value that no release sends', tv.replace(' SMALL', '')],
    ['a deprecation', tv.replace(': String }', ': String @deprecated }')],
  ])('takes %s for no break', (_, sdl) => {
    expect(released(sdl)).toEqual([]);
  });

  it.each([
    ['a removed field', 'enum Size { BIG }'],
    ['a removed argument', 'extend type Product { poster: String }'],
    ['an argument that became required', tv.replace('poster(', 'poster(dark: Boolean! ')],
    ['a removed enum value', tv.replace('BIG SMALL', 'SMALL').replace('= BIG', '= SMALL')],
    ['a scalar that became an object', `${tv.replace('): String', '): Poster')}\ntype Poster { url: String }`],
  ])('names client, version and field for %s', (_, sdl) => {
    expect(released(sdl)).toEqual([
      ['tv', '1.9.0', 'Poster', 'Product.poster'],
      ['tv', '1.10.0', 'Poster', 'Product.poster'],
    ]);
  });

  it('says which file is no manifest', () => {
    const root = createTree();
    addRelease(root, { client: 'tv', version: '1', text: manifest(poster) });
    writeFileSync(join(root, 'schema/released/tv/1.json'), '{');
    expect(() => findBrokenDocuments(root)).toThrow('schema/released/tv/1.json: The file is not JSON.');
  });

  it('serves every app version in the field with the schemas of this tree', () => {
    expect(findBrokenDocuments(repositoryRoot)).toEqual([]);
    for (const { operations } of listReleases(repositoryRoot)) for (const { body } of operations) parse(body);
  });
});
