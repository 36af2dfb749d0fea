import { GraphQLError, Kind, parse } from 'graphql';
import { normalizeDocumentId } from '../shared/graphql/documents/manifest.ts';
import { defaultDocumentLimits } from '../shared/graphql/limits/document-limits.ts';

/** One document of an app version. */
export interface ManifestOperation {
  /** As the client's own tool hashed it; iOS and Kotlin hash their own text, so only its form can be checked. */
  readonly id: string;
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly body: string;
}

/** A manifest that cannot be taken; one problem a line, each with what to do or where it is. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

const format = 'apollo-persisted-query-manifest';
const maxOperations = 2000;

/**
 * Reads a manifest in Apollo's format (`rover persisted-queries`, Apollo Client's, iOS's and Kotlin's generators).
 *
 * @throws ManifestError - naming everything that is wrong at once.
 */
export function parseManifest(text: string): ManifestOperation[] {
  const manifest = readJson(text);
  if (!isRecord(manifest) || manifest['format'] !== format || manifest['version'] !== 1) {
    throw new ManifestError([
      `This is no manifest in Apollo's format: it must say "format": "${format}", "version": 1.`,
    ]);
  }
  const listed = manifest['operations'];
  if (!Array.isArray(listed) || listed.length === 0) throw new ManifestError(['The manifest lists no operations.']);
  if (listed.length > maxOperations)
    throw new ManifestError([`The manifest lists more than ${maxOperations} operations.`]);

  const problems: string[] = [];
  const operations = (listed as unknown[]).flatMap((entry, index) => {
    const operation = readOperation(entry);
    if (typeof operation !== 'string') return [operation];
    problems.push(`operations[${index}]: ${operation}`);
    return [];
  });
  for (const field of ['id', 'name'] as const) {
    for (const [value, same] of Map.groupBy(operations, (operation) => operation[field])) {
      if (same.length > 1) problems.push(`The ${field} ${value} is listed ${same.length} times.`);
    }
  }
  if (problems.length > 0) throw new ManifestError(problems);
  return operations;
}

/** A manifest as it is kept: sorted, so that two of one content are equal. */
export function printManifest(operations: readonly ManifestOperation[]): string {
  const sorted = operations.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return `${JSON.stringify({ format, version: 1, operations: sorted }, null, 2)}\n`;
}

/** The operation, or what is wrong with it. */
function readOperation(entry: unknown): ManifestOperation | string {
  if (!isRecord(entry)) return 'is not an object.';
  const { id, name, type, body } = entry;
  if (typeof name !== 'string' || name === '') return 'has no "name".';
  if (typeof id !== 'string' || normalizeDocumentId(id) === undefined) {
    return `${name} has an "id" that is no SHA-256 in hexadecimal.`;
  }
  if (typeof body !== 'string' || body === '') return `${name} has no "body".`;
  try {
    const { definitions } = parse(body, { maxTokens: defaultDocumentLimits.maxTokens });
    const found = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    const [operation] = found;
    if (operation === undefined || found.length > 1)
      return `${name} has ${found.length} operations in its body instead of one.`;
    if (operation.name?.value !== name) return `${name} is called ${operation.name?.value ?? 'nothing'} in its body.`;
    if (operation.operation !== type)
      return `${name} is a ${operation.operation}, its "type" says ${JSON.stringify(type)}.`;
    return { id, name, type: operation.operation, body };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return `${name} cannot be parsed: ${error.message}`;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ManifestError(['The file is not JSON.']);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
