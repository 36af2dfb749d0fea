import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { normalizeDocumentId } from '../shared/graphql/documents/manifest.ts';
import { listClients, readClientSchema } from './client-schema.ts';
import { checkDocument, type DocumentProblem } from './document-check.ts';
import { ManifestError, type ManifestOperation, parseManifest, printManifest } from './manifest.ts';
import { createRefusalFinder } from './server-refusals.ts';

/** One app version in the field, with the documents that it sends. */
export interface Release {
  readonly client: string;
  readonly version: string;
  readonly operations: readonly ManifestOperation[];
}

/** A released document that the schema of today no longer serves. */
export interface BrokenDocument extends DocumentProblem {
  readonly client: string;
  readonly version: string;
}

/** A release as its team hands it over. */
export interface NewRelease {
  readonly client: string;
  readonly version: string;
  /** The manifest. */
  readonly text: string;
  /** What the client's server serves at most. */
  readonly costLimit: number;
}

/** With a word at its end where two apps of one client, each with its own documents, came to the same version. */
const versionForm = /^\d{1,9}(?:\.\d{1,9}){0,2}(?:[-+][\w.-]{1,32})?$/;

/** Every release under `schema/released`, by client and ascending version. */
export function listReleases(root: string): Release[] {
  return globSync('schema/released/*/*.json', { cwd: root })
    .map((path) => {
      const [, client = '', version = ''] = /([^\\/]+)[\\/]([^\\/]+)\.json$/.exec(path) ?? [];
      return { client, version, operations: readRelease(root, path) };
    })
    .toSorted((a, b) => (a.client === b.client ? compareVersions(a.version, b.version) : a.client < b.client ? -1 : 1));
}

function readRelease(root: string, path: string): ManifestOperation[] {
  try {
    return parseManifest(readFileSync(join(root, path), 'utf8'));
  } catch (error) {
    throw error instanceof ManifestError ? new ManifestError([`${path}: ${error.message}`]) : error;
  }
}

/** Every released document that no longer validates; empty: every app in the field is served. */
export function findBrokenDocuments(root: string): BrokenDocument[] {
  const clients = listClients(root);
  return [...Map.groupBy(listReleases(root), ({ client }) => client)].flatMap(([client, releases]) => {
    if (!clients.includes(client)) {
      return releases.map(({ version }) => ({
        client,
        version,
        operation: '(all)',
        field: 'Query',
        message: `There is no bffs/${client} any more.`,
      }));
    }
    const schema = readClientSchema(root, client);
    return releases.flatMap(({ version, operations }) =>
      operations.flatMap((operation) =>
        checkDocument(schema, operation).map((problem) => ({ client, version, ...problem })),
      ),
    );
  });
}

/**
 * Keeps the manifest of an app version under `schema/released`, for good: its documents are served from now on, and the schema
 * may no longer break them.
 *
 * @returns whether it was added; false where the very same manifest was there already.
 * @throws ManifestError - naming what is wrong with the manifest, or why it cannot be added.
 */
export function addRelease(root: string, release: NewRelease): boolean {
  const { client, version } = release;
  const clients = listClients(root);
  if (!clients.includes(client)) {
    throw new ManifestError([`There is no client "${client}"; the clients are ${clients.join(', ')}.`]);
  }
  if (!versionForm.test(version))
    throw new ManifestError([`"${version}" is no version; it must look like 4.2.0 or 4.2.0-ios.`]);

  const operations = parseManifest(release.text);
  const path = join(root, 'schema/released', client, `${version}.json`);
  const text = printManifest(operations);
  if (existsSync(path)) {
    if (readFileSync(path, 'utf8') === text) return false;
    throw new ManifestError([
      `${client} ${version} is released already, with other documents. What is in the field does not change: add a new version; where another app came to the same one, add it with a word behind: 4.2.0-ios.`,
    ]);
  }

  const problems = [...findConflicts(root, client, operations), ...findInvalid(root, release, operations)];
  if (problems.length > 0) throw new ManifestError(problems);
  mkdirSync(dirname(path), { recursive: true });
  // `wx`: append-only also against a second run of the same moment.
  writeFileSync(path, text, { flag: 'wx' });
  return true;
}

/** An id stands for one text for ever: two versions of an app may share it, never disagree about it. */
function findConflicts(root: string, client: string, operations: readonly ManifestOperation[]): string[] {
  const bodies = new Map(operations.map(({ id, body }) => [normalizeDocumentId(id), body]));
  return listReleases(root)
    .filter((release) => release.client === client)
    .flatMap(({ version, operations: released }) =>
      released
        .filter(({ id, body }) => (bodies.get(normalizeDocumentId(id)) ?? body) !== body)
        .map(({ id, name }) => `${id} stands for another text in version ${version} (${name}).`),
    );
}

/** What the server would refuse whatever the variables: better told now than to every phone. */
function findInvalid(
  root: string,
  { client, costLimit }: NewRelease,
  operations: readonly ManifestOperation[],
): string[] {
  const schema = readClientSchema(root, client);
  const refusalsOf = createRefusalFinder(schema, costLimit);
  return operations.flatMap((operation) => {
    const broken = checkDocument(schema, operation).map(
      ({ field, message }) => `${operation.name}, ${field}: ${message}`,
    );
    return broken.length > 0 ? broken : refusalsOf(operation);
  });
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[-+]/, 1)[0]?.split('.').map(Number) ?? []);
  const at = [0, 1, 2].find((index) => (left?.[index] ?? 0) !== (right?.[index] ?? 0));
  if (at === undefined) return a < b ? -1 : 1;
  return (left?.[at] ?? 0) - (right?.[at] ?? 0);
}
