import { createECDH, createHash } from 'node:crypto';
import { importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Caller, VerifyToken } from './services/caller.ts';

export const issuer = 'https://identity.shop.example';
export const audience = 'shop';
export const viewerScope = 'shop:read shop:write';

const keyId = 'demo-1';
const algorithm = 'ES256';
/** A day: a pasted command from the start of the shop still works in the evening. */
const defaultLifetimeSeconds = 24 * 3_600;
const maxVerified = 2_000;

export interface TokenOptions {
  /** Negative for one that has expired. */
  expiresInSeconds?: number;
  scope?: string;
  /** Laid over the usual claims; undefined leaves a claim out. */
  claims?: Record<string, unknown>;
  /** Laid over the usual protected header. */
  header?: Partial<JWTHeaderParameters>;
}

function createPrivateJwk(): JWK {
  // Known to everyone who reads this, and worth nothing outside of the demo: so that a token can be printed without the shop.
  const secret = createHash('sha256').update('the demo shop signs with this key').digest();
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  return {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
    d: secret.toString('base64url'),
    kid: keyId,
    alg: algorithm,
    use: 'sig',
  };
}

const privateJwk = createPrivateJwk();

/** The public half, as a JWKS endpoint serves it. */
export function publicJwks(): { keys: JWK[] } {
  const { d: _, ...publicJwk } = privateJwk;
  return { keys: [publicJwk] };
}

/** The private half, for tests that sign what no issuer would. */
export function demoPrivateJwk(): JWK {
  return { ...privateJwk };
}

async function mint(subject: string, scope: string, options: TokenOptions): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const claims: Record<string, unknown> = {
    iss: issuer,
    aud: audience,
    sub: subject,
    scope,
    iat: nowSeconds,
    exp: nowSeconds + (options.expiresInSeconds ?? defaultLifetimeSeconds),
    ...options.claims,
  };
  const header: JWTHeaderParameters = { alg: algorithm, typ: 'JWT', kid: keyId, ...options.header };
  return await new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(privateJwk, algorithm));
}

/** A token that speaks for this viewer, whether or not the shop knows one of that id. */
export function mintToken(userId: string, options: TokenOptions = {}): Promise<string> {
  return mint(userId, options.scope ?? viewerScope, options);
}

/** A token that speaks for a program and not for a viewer. */
export function mintServiceToken(name: string, options: TokenOptions = {}): Promise<string> {
  return mint(`service:${name}`, options.scope ?? 'service', options);
}

function callerOf(payload: JWTPayload): Caller | null {
  if (typeof payload.sub !== 'string') return null;
  const scope = typeof payload['scope'] === 'string' ? payload['scope'] : '';
  return { subject: payload.sub, scopes: new Set(scope.split(' ').filter((part) => part !== '')) };
}

/** Checks tokens against the demo's key; one that held is remembered for at most a minute. */
export function createTokenVerifier(): VerifyToken {
  const verified = new Map<string, { caller: Caller; untilMs: number }>();
  const key = importJWK(publicJwks().keys[0] ?? {}, algorithm);

  return async (token) => {
    const known = verified.get(token);
    if (known && known.untilMs > Date.now()) return known.caller;
    verified.delete(token);
    try {
      const { payload } = await jwtVerify(token, await key, {
        issuer,
        audience,
        algorithms: [algorithm],
        requiredClaims: ['sub', 'exp', 'iat'],
        clockTolerance: 5,
      });
      const caller = callerOf(payload);
      if (!caller) return null;
      const oldest = verified.keys().next();
      if (verified.size >= maxVerified && !oldest.done) verified.delete(oldest.value);
      verified.set(token, { caller, untilMs: Math.min((payload.exp ?? 0) * 1_000, Date.now() + 60_000) });
      return caller;
    } catch {
      return null;
    }
  };
}
