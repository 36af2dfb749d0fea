import type { Operation } from './operation.ts';
import { Problem } from './problem.ts';

/** Whoever the token speaks for: a viewer, or another service. */
export interface Caller {
  subject: string;
  scopes: ReadonlySet<string>;
}

/** Answers with the token's caller, or null where the token does not hold. */
export type VerifyToken = (token: string) => Promise<Caller | null>;

const maxTokenLength = 8_192;

function challenge(detail: string, error?: string): Problem {
  const header = error ? `Bearer realm="shop", error="${error}"` : 'Bearer realm="shop"';
  return new Problem(401, 'unauthenticated', { detail, headers: { 'www-authenticate': header } });
}

/**
 * Reads the `Authorization` header; null where there is none.
 * @throws Problem 401 for a header that holds no valid token: a broken token is never silently anonymous
 */
export async function authenticate(header: string | undefined, verify: VerifyToken): Promise<Caller | null> {
  if (header === undefined) return null;
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header)?.[1];
  const caller = token !== undefined && token.length <= maxTokenLength ? await verify(token) : null;
  if (!caller) throw challenge('The token is not valid, or no longer.', 'invalid_token');
  return caller;
}

function isService(caller: Caller): boolean {
  return caller.scopes.has('service');
}

/** @throws Problem 401 without a token, 403 where its scopes do not suffice */
export function authorize(caller: Caller | null, operation: Operation): void {
  if (operation.access === 'public') return;
  if (!caller) throw challenge('This needs a bearer token.');
  if (operation.access !== 'viewer' && isService(caller)) return;
  const needed = operation.access === 'service' ? 'service' : operation.method === 'GET' ? 'shop:read' : 'shop:write';
  if (!caller.scopes.has(needed)) {
    throw new Problem(403, 'insufficient-scope', {
      detail: `This needs a token with the scope ${needed}.`,
      extras: { scope: needed },
    });
  }
}

/** The signed-in viewer's id. @throws Problem 401 without a token */
export function viewerIdOf(request: { caller: Caller | null }): string {
  if (!request.caller) throw challenge('This needs a bearer token.');
  return request.caller.subject;
}

/** @throws Problem 403 where the data belongs to another viewer */
export function requireSelf(request: { caller: Caller | null }, userId: string): void {
  if (viewerIdOf(request) !== userId) {
    throw new Problem(403, 'forbidden', { detail: 'A viewer may only ask for what is their own.' });
  }
}
