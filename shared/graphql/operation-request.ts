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

/**
 * Reads the members of a GraphQL request: those of a POST's body, or of a GET's query string as the edge has parsed it.
 *
 * @throws RequestRefusal - `BAD_REQUEST` where a member has the wrong type.
 */
export function readOperationRequest(members: unknown): OperationRequest {
  if (!isRecord(members)) {
    throw new RequestRefusal('BAD_REQUEST', 'Send a JSON object with a `query` or a `documentId` as the body.');
  }
  return {
    query: stringMember(members, 'query'),
    documentId: stringMember(members, 'documentId'),
    operationName: stringMember(members, 'operationName'),
    variables: objectMember(members, 'variables'),
    extensions: objectMember(members, 'extensions'),
  };
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
