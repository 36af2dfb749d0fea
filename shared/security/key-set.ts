import { createLocalJWKSet, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';

type Keys = ReturnType<typeof createLocalJWKSet>;
type VerificationKey = Awaited<ReturnType<Keys>>;

export interface KeySetOptions {
  readonly clock: Clock;
  /** Fetches the JWKS document; its wait ends with the signal. */
  readonly fetchKeys: (signal: AbortSignal) => Promise<unknown>;
  /** How long a fetch may take; default 5000. */
  readonly timeoutMs?: number;
  /** No two fetches start within this time, whatever key ids arrive: else 1000 random ones are 1000 requests to the identity provider; default 30,000. */
  readonly cooldownMs?: number | undefined;
  /** A set older than this is fetched anew in the background; default 600,000. */
  readonly maxAgeMs?: number;
  /** An unreachable provider must not sign everybody out, nor may a revoked key live for ever: default 24 h since the last good fetch. */
  readonly keepMs?: number;
  /** A set with other keys than before has come, so what the old keys verified no longer counts. */
  readonly onChange?: () => void;
  readonly onFetch?: (outcome: 'ok' | 'failed', error?: unknown) => void;
}

/** The identity provider's public keys. */
export interface KeySet {
  /** @throws AppError - `UNAUTHENTICATED` for a key that is not in the set, `DOWNSTREAM_UNAVAILABLE` while no set could ever be had. */
  keyFor(header: JWSHeaderParameters): Promise<VerificationKey>;
  /** Fetches the set ahead of the first token; never rejects. */
  warm(): Promise<void>;
}

/**
 * Keeps the JWKS and its rules of rotation. jose's own remote set measures its cooldown from the last success and forgets
 * its keys at their maximum age, so an unreachable provider would be asked on every request and sign everybody out.
 */
export function createKeySet(options: KeySetOptions): KeySet {
  const { clock, fetchKeys } = options;
  const timeoutMs = options.timeoutMs ?? 5000;
  const cooldownMs = options.cooldownMs ?? 30_000;
  const maxAgeMs = options.maxAgeMs ?? 600_000;
  const keepMs = options.keepMs ?? 86_400_000;
  let keys: Keys | null = null;
  let ids: ReadonlySet<string> = new Set();
  let fingerprint = '';
  let fetchedAtMs = 0;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  async function fetchOnce(): Promise<void> {
    const timeout = new AbortController();
    const cancel = clock.schedule(timeoutMs, () => timeout.abort(new Error('the JWKS URL did not answer in time')));
    try {
      const document = readDocument(await fetchKeys(timeout.signal));
      const next = createLocalJWKSet(document);
      const nextFingerprint = JSON.stringify(document.keys);
      const isOther = nextFingerprint !== fingerprint;
      keys = next;
      ids = new Set(document.keys.map((key) => key.kid ?? ''));
      fingerprint = nextFingerprint;
      fetchedAtMs = clock.nowMs();
      options.onFetch?.('ok');
      if (isOther) options.onChange?.();
    } catch (error) {
      options.onFetch?.('failed', error);
    } finally {
      cancel();
      running = null;
    }
  }

  function refresh(): Promise<void> {
    if (running !== null) return running;
    if (clock.nowMs() - triedAtMs < cooldownMs) return Promise.resolve();
    triedAtMs = clock.nowMs();
    running = fetchOnce();
    return running;
  }

  return {
    async keyFor(header) {
      const kid = header.kid ?? '';
      if (!ids.has(kid) || clock.nowMs() - fetchedAtMs > keepMs) await refresh();
      else if (clock.nowMs() - fetchedAtMs > maxAgeMs) void refresh();
      if (keys === null || clock.nowMs() - fetchedAtMs > keepMs) {
        throw new AppError('DOWNSTREAM_UNAVAILABLE', 'Tokens cannot be checked at the moment; try again.', {
          retryAfterSeconds: Math.ceil(cooldownMs / 1000),
        });
      }
      return await keys(header);
    },
    warm: refresh,
  };
}

function isKey(key: unknown): key is JSONWebKeySet['keys'][number] {
  return typeof key === 'object' && key !== null && 'kid' in key && typeof key.kid === 'string';
}

function readDocument(document: unknown): JSONWebKeySet {
  if (typeof document !== 'object' || document === null || !('keys' in document) || !Array.isArray(document.keys)) {
    throw new Error('the JWKS document has no list of keys');
  }
  const keys = document.keys.filter(isKey);
  if (keys.length === 0) throw new Error('the JWKS document has no key with an id');
  return { keys };
}
