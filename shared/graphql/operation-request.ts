import { RequestRefusal } from './request-refusal.ts';

/** What a client asks to run, as it came; GraphQL over HTTP, section "Request". */
export interface OperationRequest {
  readonly query: string | undefined;
  /** The id of a persisted document, as `sha256:<hex>`. */
  readonly documentId: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface RequestParts {
  readonly method: string;
  /** The query string of the URL, with or without its question mark. */
  readonly search: string;
  /** The parsed JSON of a POST. */
  readonly body: unknown;
}

/**
 * Reads the members of a GraphQL request from a POST's body or a GET's query string.
 *
 * @throws RequestRefusal - `BAD_REQUEST` where a member has the wrong type.
 */
export function readOperationRequest(parts: RequestParts): OperationRequest {
  const members = parts.method === 'GET' ? readSearch(parts.search) : parts.body;
  if (!isRecord(members)) {
    throw new RequestRefusal('BAD_REQUEST', 'Send a JSON object with a `query` or a `documentId` as the body.');
  }
  const request: OperationRequest = {
    query: stringMember(members, 'query'),
    documentId: stringMember(members, 'documentId'),
    operationName: stringMember(members, 'operationName'),
    variables: objectMember(members, 'variables'),
    extensions: objectMember(members, 'extensions'),
  };
  return request;
}

function readSearch(search: string): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  const parameters = new URLSearchParams(search);
  for (const name of ['query', 'documentId', 'operationName', 'variables', 'extensions']) {
    const values = parameters.getAll(name);
    if (values.length > 1) throw new RequestRefusal('BAD_REQUEST', `Send the parameter \`${name}\` once.`);
    const [value] = values;
    if (value === undefined) continue;
    members[name] = name === 'variables' || name === 'extensions' ? parseParameter(name, value) : value;
  }
  return members;
}

function parseParameter(name: string, text: string): unknown {
  const value = readJson(text);
  if (value === undefined) throw new RequestRefusal('BAD_REQUEST', `The parameter \`${name}\` is not JSON.`);
  checkMembers(name, value, maxDepth);
  return value;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As for a POST's body, which the edge has checked. */
const maxDepth = 32;

function checkMembers(name: string, value: unknown, levelsLeft: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levelsLeft === 0) {
    throw new RequestRefusal('BAD_REQUEST', `The parameter \`${name}\` is nested more than ${maxDepth} levels deep.`);
  }
  for (const [key, member] of Object.entries(value as Record<string, unknown>)) {
    if (key === '__proto__' || key === 'constructor') {
      throw new RequestRefusal('BAD_REQUEST', `The parameter \`${name}\` must have no member "${key}".`);
    }
    checkMembers(name, member, levelsLeft - 1);
  }
}

function stringMember(members: Record<string, unknown>, name: string): string | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new RequestRefusal('BAD_REQUEST', `\`${name}\` must be a string.`);
  return value;
}

const noMembers: Readonly<Record<string, unknown>> = Object.freeze({});

function objectMember(members: Record<string, unknown>, name: string): Readonly<Record<string, unknown>> {
  const value = members[name];
  if (value === undefined || value === null) return noMembers;
  if (!isRecord(value)) throw new RequestRefusal('BAD_REQUEST', `\`${name}\` must be an object.`);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
