import { hash } from 'node:crypto';
import {
  decodeProtectedHeader,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { createKeyFetch } from './fetch-keys.ts';
import { createKeySet, type KeySetOptions } from './key-set.ts';
import type { Viewer } from './viewer.ts';

export interface TokenVerifierOptions {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** The one algorithm that is accepted, whatever a token's header says. */
  readonly algorithm: string;
  readonly clock?: Clock;
  /** How many verified tokens are kept: one ES256 check costs 116 us; default 10,000. */
  readonly maxTokens?: number;
  readonly fetchKeys?: KeySetOptions['fetchKeys'];
  readonly cooldownMs?: KeySetOptions['cooldownMs'];
  readonly onKeyFetch?: KeySetOptions['onFetch'];
}

export interface TokenVerifier {
  /** What `verify` would say, where that needs no check: null without a header, the viewer of a kept token; else undefined. */
  peek(authorization: string | undefined): Viewer | null | undefined;
  /**
   * Who holds the token of this `Authorization` header; null without one.
   *
   * @throws AppError - `UNAUTHENTICATED` for anything but a valid bearer token, with the reason as `problem`;
   * `DOWNSTREAM_UNAVAILABLE` while the identity provider's keys could never be had.
   */
  verify(authorization: string | undefined): Promise<Viewer | null>;
  /** Fetches the keys ahead of the first token; never rejects. */
  warm(): Promise<void>;
}

/** Longer tokens are refused before anything is computed over them. */
const maxTokenLength = 8192;
const leewaySeconds = 60;
const keepVerifiedMs = 60_000;

/** Three base64url segments behind a space or more (RFC 9110 §11.4): anything else, `a.b`, five segments of a JWE or two joined headers, is no token of ours. */
const bearer = /^bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/** Header members by which a token would bring its own key. */
const foreignKeyMembers = ['jwk', 'jku', 'x5u', 'x5c'] as const;

interface Checked {
  readonly payload: JWTPayload;
  /** Which of the key sets had the key. */
  readonly keyGeneration: number;
}

interface Verified {
  readonly viewer: Viewer;
  readonly untilMs: number;
}

/** Checks bearer tokens against the identity provider's keys and keeps those that passed, by their SHA-256, for min(exp, 60 s). */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const clock = options.clock ?? systemClock;
  let generation = 0;
  const verified = new LRUCache<string, Verified>({ max: options.maxTokens ?? 10_000 });
  const keySet = createKeySet({
    clock,
    fetchKeys: options.fetchKeys ?? createKeyFetch(options.jwksUrl),
    cooldownMs: options.cooldownMs,
    onChange() {
      generation += 1;
      verified.clear();
    },
    ...(options.onKeyFetch === undefined ? {} : { onFetch: options.onKeyFetch }),
  });

  async function check(token: string): Promise<Checked> {
    checkHeader(decodeProtectedHeader(token));
    let keyGeneration = generation;
    async function findKey(header: JWTHeaderParameters) {
      const key = await keySet.keyFor(header);
      keyGeneration = generation;
      return key;
    }
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: [options.algorithm],
      issuer: options.issuer,
      audience: options.audience,
      clockTolerance: leewaySeconds,
      requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: new Date(clock.wallMs()),
    });
    if (payload.iat !== undefined && payload.iat * 1000 > clock.wallMs() + leewaySeconds * 1000) {
      throw new Error('"iat" lies in the future');
    }
    return { payload, keyGeneration };
  }

  function find(key: string): Viewer | undefined {
    const kept = verified.get(key);
    return kept !== undefined && kept.untilMs > clock.nowMs() ? kept.viewer : undefined;
  }

  return {
    peek(authorization) {
      if (authorization === undefined) return null;
      return authorization.length > maxTokenLength ? undefined : find(keyOf(authorization));
    },
    async verify(authorization) {
      if (authorization === undefined) return null;
      const token = authorization.length > maxTokenLength ? undefined : bearer.exec(authorization)?.[1];
      if (token === undefined) throw refuse('not one bearer token in JWS compact form');
      const key = keyOf(authorization);
      const kept = find(key);
      if (kept !== undefined) return kept;
      try {
        const { payload, keyGeneration } = await check(token);
        // As the services are to read it, however many spaces the client has put in.
        const viewer = toViewer(payload, `Bearer ${token}`);
        const leftMs = Math.min((payload.exp ?? 0) * 1000 - clock.wallMs(), keepVerifiedMs);
        // The keys may have changed while this check was under way: what the old ones said is not kept.
        if (leftMs > 0 && keyGeneration === generation) verified.set(key, { viewer, untilMs: clock.nowMs() + leftMs });
        return viewer;
      } catch (error) {
        if (error instanceof AppError) throw error;
        throw refuse(error instanceof Error ? error.message : 'unreadable', error);
      }
    },
    warm: () => keySet.warm(),
  };
}

/** Short, and no credential: the keys of a cache end up in heap dumps. */
function keyOf(authorization: string): string {
  return hash('sha256', authorization, 'base64');
}

function checkHeader(header: ProtectedHeaderParameters): void {
  if (typeof header.kid !== 'string' || header.kid === '') throw new Error('no "kid"');
  // RFC 8725 §3.11: a token made for something else (an ID token, a logout token) must not pass for an access token.
  if (header.typ !== undefined && !/^(application\/)?(at\+)?jwt$/i.test(header.typ)) throw new Error('wrong "typ"');
  for (const member of foreignKeyMembers) {
    if (member in header) throw new Error(`brings its own key: "${member}"`);
  }
}

function toViewer(payload: JWTPayload, authorization: string): Viewer {
  const { sub, scope, locale } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > 128) throw new Error('unusable "sub"');
  return {
    id: sub,
    scopes: new Set(typeof scope === 'string' ? scope.split(' ').filter((part) => part !== '') : []),
    ...(typeof locale === 'string' && locale.length <= 35 ? { locale } : {}),
    authorization,
  };
}

/** One message for every cause: a caller who forges tokens learns nothing from it, the audit log has the reason. */
function refuse(reason: string, cause?: unknown): AppError {
  return new AppError('UNAUTHENTICATED', 'The token is not valid: sign in again, or send no Authorization header.', {
    cause,
    problem: { reason },
  });
}
