import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import { createTimeoutBreaker, type TimeoutBreakerOptions } from './timeout-breaker.ts';

/** Why Redis was not asked, or did not answer in time. Nobody is told: whoever asks goes on without. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}

export type RedisState = 'up' | 'disconnected' | 'open';

export interface RedisGatewayOptions {
  readonly commandTimeoutMs: number;
  /** 250: a Redis that has come back is used again within a second. */
  readonly probeEveryMs: number;
  /** A connection whose probes all failed is made anew: a black hole never closes it. 8, that is 2 s. */
  readonly reconnectAfterProbes: number;
  /** The same as on Redis's own clock, within a round trip; asked again this often. 10000 ms. */
  readonly clockEveryMs: number;
  readonly breaker: Partial<TimeoutBreakerOptions>;
}

export const redisGatewayDefaults: RedisGatewayOptions = {
  commandTimeoutMs: 100,
  probeEveryMs: 250,
  reconnectAfterProbes: 8,
  clockEveryMs: 10_000,
  breaker: {},
};

export interface RedisGatewayEvents {
  onState?(state: RedisState): void;
}

/** Redis behind a breaker of its own: it answers in time, or it is not asked. */
export interface RedisGateway {
  readonly state: RedisState;
  readonly isAvailable: boolean;
  /** Redis's own clock in milliseconds since the epoch: the same for every process, whatever theirs say. */
  nowMs(): number;
  /**
   * Runs commands in the order they are issued, as one write with whatever else is issued in this turn, and settles each.
   *
   * @throws RedisUnavailableError - at once where Redis is down, after `limitMs` where it does not answer.
   */
  run<T>(limitMs: number, commands: (redis: Redis) => readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]>;
  /** Calls back at each change between available and not; returns how to stop that. */
  onChange(listener: (isAvailable: boolean) => void): () => void;
  readonly connection: Redis;
  close(): Promise<void>;
}

/** Watches over this connection; both end with `close`. */
export function createRedisGateway(
  deps: { readonly connection: Redis; readonly clock: Clock; readonly events?: RedisGatewayEvents },
  overrides: Partial<RedisGatewayOptions> = {},
): RedisGateway {
  const options = { ...redisGatewayDefaults, ...overrides };
  const { connection, clock, events = {} } = deps;
  const listeners = new Set<(isAvailable: boolean) => void>();
  const breaker = createTimeoutBreaker(clock, () => change('open'), options.breaker);
  let state: RedisState = 'disconnected';
  let clockOffsetMs = 0;
  let clockAskedAtMs = Number.NEGATIVE_INFINITY;
  let failedProbes = 0;
  let isProbing = false;
  let isClosed = false;
  let cancelProbe: (() => void) | undefined;

  function change(next: RedisState): void {
    if (state === next) return;
    const wasAvailable = state === 'up';
    state = next;
    events.onState?.(next);
    if ((next === 'up') !== wasAvailable) for (const listener of listeners) listener(next === 'up');
  }

  function scheduleProbe(): void {
    cancelProbe?.();
    if (!isClosed) cancelProbe = clock.schedule(options.probeEveryMs, () => void probe());
  }

  /** While it is up this costs one TIME in ten seconds; while it is not, a PING at every turn. */
  async function probe(): Promise<void> {
    if (isProbing || isClosed) return;
    isProbing = true;
    try {
      if (connection.status !== 'ready') change('disconnected');
      else if (state !== 'up' || clock.nowMs() - clockAskedAtMs > options.clockEveryMs) await askForSigns();
    } finally {
      isProbing = false;
      scheduleProbe();
    }
  }

  async function askForSigns(): Promise<void> {
    const askedAtMs = clock.nowMs();
    try {
      if (state !== 'up') await connection.ping();
      const sentAtMs = clock.nowMs();
      const [seconds, microseconds] = await connection.time();
      const receivedAtMs = clock.nowMs();
      const redisMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
      clockOffsetMs = redisMs - (sentAtMs + receivedAtMs) / 2;
      clockAskedAtMs = receivedAtMs;
      failedProbes = 0;
      breaker.close();
      if (connection.status === 'ready') change('up');
    } catch {
      breaker.recordTimeout(options.commandTimeoutMs, clock.nowMs() - askedAtMs);
      failedProbes += 1;
      if (failedProbes < options.reconnectAfterProbes || connection.status !== 'ready') return;
      failedProbes = 0;
      connection.disconnect(true);
    }
  }

  const onReady = (): void => void probe();
  const onClose = (): void => {
    breaker.close();
    change('disconnected');
  };
  connection.on('ready', onReady);
  connection.on('close', onClose);
  if (connection.status === 'ready') void probe();
  else scheduleProbe();

  return {
    get state() {
      return state;
    },
    get isAvailable() {
      return state === 'up';
    },
    nowMs: () => clock.nowMs() + clockOffsetMs,
    async run(limitMs, commands) {
      if (state !== 'up' || limitMs <= 0) throw new RedisUnavailableError('Redis is not to be asked now.');
      const startedMs = clock.nowMs();
      const answer = Promise.allSettled(commands(connection)).then((results) => {
        if (results.some(isTimeout)) breaker.recordTimeout(options.commandTimeoutMs, clock.nowMs() - startedMs);
        return results;
      });
      let cancelTimer: (() => void) | undefined;
      const limit = new Promise<never>((_, reject) => {
        cancelTimer = clock.schedule(limitMs, () =>
          reject(new RedisUnavailableError('Redis has not answered in time.')),
        );
      });
      return Promise.race([answer, limit]).finally(() => cancelTimer?.());
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    connection,
    async close() {
      isClosed = true;
      cancelProbe?.();
      connection.off('ready', onReady);
      connection.off('close', onClose);
      change('disconnected');
      connection.disconnect();
    },
  };
}

/** ioredis gives it no code. */
function isTimeout(result: PromiseSettledResult<unknown>): boolean {
  return (
    result.status === 'rejected' && result.reason instanceof Error && result.reason.message === 'Command timed out'
  );
}
