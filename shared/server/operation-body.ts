import type { GraphqlHttpBody } from './graphql-port.ts';
import { Refusal } from './refusal.ts';

/** Resolvers, coercion and JSON.stringify recurse over variables: 9000 levels would end on the stack. */
const maxDepth = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * Reads the body of a POST by GraphQL over HTTP §5.1.
 *
 * @throws Refusal - `BAD_REQUEST` for bytes that are not UTF-8, broken JSON, anything but an object, a member of a wrong
 * type, nesting past 32 levels, text with half of a surrogate pair, and `__proto__` or `constructor` as a member's name.
 */
export function readGraphqlBody(bytes: Buffer | undefined): GraphqlHttpBody {
  if (bytes === undefined || bytes.length === 0) throw bad('The body is empty: send a JSON object with a "query".');
  const body = parse(decode(bytes));
  if (Array.isArray(body)) throw bad('Batches are not served: send one operation a request.');
  if (typeof body !== 'object' || body === null) throw bad('The body must be a JSON object with a "query".');
  const members = body as Record<string, unknown>;
  checkStrings(members, 'query', 'operationName', 'documentId');
  checkObjects(members, 'variables', 'extensions');
  checkMembers(members);
  return members;
}

/**
 * Reads the query string of a GET by GraphQL over HTTP §5.2, `variables` and `extensions` parsed, so that it is held to the
 * same rules as a POST's body.
 *
 * @throws Refusal - `BAD_REQUEST`
 */
export function readGraphqlQuery(search: string): GraphqlHttpBody {
  const parameters = parseSearch(search);
  const members: Record<string, unknown> = {};
  for (const name of ['query', 'operationName', 'documentId', 'variables', 'extensions']) {
    const values = parameters.getAll(name);
    const [value] = values;
    if (value === undefined) continue;
    if (values.length > 1) throw bad(`"${name}" is in the query string more than once.`);
    members[name] = name === 'variables' || name === 'extensions' ? parseParameter(name, value) : value;
  }
  checkObjects(members, 'variables', 'extensions');
  checkMembers(members);
  return members;
}

function parseSearch(search: string): URLSearchParams {
  try {
    // URLSearchParams would put U+FFFD in the place of bytes that are not UTF-8.
    decodeURIComponent(search);
  } catch {
    throw bad('The query string is not valid UTF-8.');
  }
  return new URLSearchParams(search);
}

function parseParameter(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw bad(`"${name}" in the query string is not valid JSON.`);
  }
}

/** Breadth first and without recursion, which is what the input would exhaust. */
function checkMembers(root: Record<string, unknown>): void {
  const pending: Record<string, unknown>[] = [root];
  let levelEnd = 1;
  let depth = 1;
  for (let index = 0; index < pending.length; index += 1) {
    if (index === levelEnd) {
      levelEnd = pending.length;
      depth += 1;
      if (depth > maxDepth) throw bad(`The body is nested deeper than ${maxDepth} levels.`);
    }
    const holder = pending[index];
    if (holder === undefined) break;
    // JSON.parse makes plain objects, and `in` lists an own `__proto__`; Object.entries would cost three times as much.
    for (const name in holder) {
      const value: unknown = holder[name];
      if (name === '__proto__' || name === 'constructor') {
        throw bad('The body has a member named "__proto__" or "constructor": rename it.');
      }
      if (typeof value === 'object' && value !== null) pending.push(value as Record<string, unknown>);
      // It has no UTF-8: whoever it is sent to would read another text than was meant.
      else if (typeof value === 'string' && !value.isWellFormed()) {
        throw bad('The body has half of a surrogate pair in a text: send well-formed Unicode.');
      }
    }
  }
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw bad('The body is not valid UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad('The body is not valid JSON.');
  }
}

function checkStrings(body: Record<string, unknown>, ...names: readonly string[]): void {
  for (const name of names) {
    const value = body[name];
    if (value !== undefined && value !== null && typeof value !== 'string') throw bad(`"${name}" must be a string.`);
  }
}

function checkObjects(body: Record<string, unknown>, ...names: readonly string[]): void {
  for (const name of names) {
    const value = body[name];
    if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      throw bad(`"${name}" must be an object.`);
    }
  }
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message);
}
