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
  /**
   * 1000: how often it is asked for its own clock, which drifts from ours, and whether it takes writes. One that does not would
   * show a viewer for ever what another process has written over.
   */
  readonly clockEveryMs: number;
  readonly breaker: Partial<TimeoutBreakerOptions>;
}

export const redisGatewayDefaults: RedisGatewayOptions = {
  commandTimeoutMs: 100,
  probeEveryMs: 250,
  reconnectAfterProbes: 8,
  clockEveryMs: 1000,
  breaker: {},
};

export interface RedisGatewayEvents {
  onState?(state: RedisState): void;
  /** Why it cannot be used, for the log; once as long as the reason is the same. */
  onTrouble?(reason: string): void;
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

const probeKey = 'shop-bff:probe';

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
  let isSuspected = false;
  let toldReason: string | undefined;
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
    const delayMs = isSuspected && state === 'up' ? 0 : options.probeEveryMs;
    if (!isClosed) cancelProbe = clock.schedule(delayMs, () => void probe());
  }

  /** Three requests in a second are not to be had at night: after the first that was not answered, what counts is asked here. */
  function suspect(): void {
    isSuspected = true;
    void probe();
  }

  function tell(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === toldReason || isClosed) return;
    toldReason = reason;
    events.onTrouble?.(reason);
  }

  /** While it is up this costs two commands a second; while it is not, a PING at every turn. */
  async function probe(): Promise<void> {
    if (isProbing || isClosed) return;
    isProbing = true;
    try {
      if (connection.status !== 'ready') change('disconnected');
      else if (state !== 'up' || isSuspected || clock.nowMs() - clockAskedAtMs > options.clockEveryMs)
        await askForSigns();
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
      // There is no such key: a replica refuses all the same, and a full Redis does not.
      const [, [seconds, microseconds]] = await Promise.all([connection.unlink(probeKey), connection.time()]);
      const receivedAtMs = clock.nowMs();
      const redisMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
      clockOffsetMs = redisMs - (sentAtMs + receivedAtMs) / 2;
      clockAskedAtMs = receivedAtMs;
      failedProbes = 0;
      isSuspected = false;
      if (state === 'up' || breaker.isResting || connection.status !== 'ready') return;
      breaker.close();
      toldReason = undefined;
      change('up');
    } catch (error) {
      if (connection.status === 'ready') tell(error);
      isSuspected = true;
      breaker.recordSilence(askedAtMs);
      breaker.recordTimeout(options.commandTimeoutMs, clock.nowMs() - askedAtMs);
      failedProbes += 1;
      if (failedProbes < options.reconnectAfterProbes || connection.status !== 'ready') return;
      failedProbes = 0;
      connection.disconnect(true);
    }
  }

  const onReady = (): void => void probe();
  const onClose = (): void => {
    isSuspected = false;
    breaker.close();
    change('disconnected');
  };
  connection.on('ready', onReady);
  connection.on('close', onClose);
  connection.on('error', tell);
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
        if (!results.some(isTimeout)) return results;
        breaker.recordTimeout(options.commandTimeoutMs, clock.nowMs() - startedMs);
        suspect();
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
      connection.off('error', tell);
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
