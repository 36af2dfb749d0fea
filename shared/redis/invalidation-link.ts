import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import type { RedisGateway } from './redis-gateway.ts';

export interface InvalidationLinkOptions {
  /** Keys that start so are watched. */
  readonly prefix: string;
  /** 250, with an answer within 100: what another process drops while Redis hangs is believed for no longer than that. */
  readonly heartbeatEveryMs: number;
  readonly heartbeatLimitMs: number;
  /** A heartbeat that ends this late was held up by our own event loop. */
  readonly stallMs: number;
  /** A link whose heartbeats all fail, is made anew after this many. */
  readonly reconnectAfterHeartbeats: number;
}

export const invalidationLinkDefaults: Omit<InvalidationLinkOptions, 'prefix'> = {
  heartbeatEveryMs: 250,
  heartbeatLimitMs: 100,
  stallMs: 50,
  reconnectAfterHeartbeats: 8,
};

export interface InvalidationLinkEvents {
  /** These keys were changed by someone else, evicted or have expired; null: any may have been. */
  onInvalidated(keys: readonly string[] | null): void;
  onChange(isConnected: boolean): void;
  /** Why nothing is heard, for the log; once as long as the reason is the same. */
  onTrouble?(reason: string): void;
}

/** Tells when another process changes what this one remembers. */
export interface InvalidationLink {
  /** Whether nothing that was changed since `onChange(true)` can have been missed. */
  readonly isConnected: boolean;
  close(): void;
}

const channel = '__redis__:invalidate';

/**
 * Redis's client-side caching in broadcast mode. ioredis hands RESP3's pushes of it to nobody, so the gateway's connection is
 * tracked and redirected to `subscriber`, a connection of its own that speaks RESP2 and subscribes to the invalidations.
 * NOLOOP: what the gateway's connection changes itself, its process knows.
 */
export function createInvalidationLink(
  deps: {
    readonly gateway: RedisGateway;
    readonly subscriber: Redis;
    readonly clock: Clock;
    readonly events: InvalidationLinkEvents;
  },
  given: Pick<InvalidationLinkOptions, 'prefix'> & Partial<InvalidationLinkOptions>,
): InvalidationLink {
  const options = { ...invalidationLinkDefaults, ...given };
  const { gateway, subscriber, clock, events } = deps;
  let identity: Promise<Identity> | undefined;
  let isConnected = false;
  /** Counts the connections that were lost, so that what was begun on one does not end on the next. */
  let losses = 0;
  let isBusy = false;
  let isClosed = false;
  let failures = 0;
  let toldReason: string | undefined;
  let cancelTimer: (() => void) | undefined;

  function lose(): void {
    losses += 1;
    if (!isConnected) return;
    isConnected = false;
    events.onChange(false);
  }

  function next(): void {
    cancelTimer?.();
    if (!isClosed)
      cancelTimer = clock.schedule(options.heartbeatEveryMs * Math.min(2 ** failures, 4), () => void beat());
  }

  async function beat(): Promise<void> {
    if (isBusy || isClosed) return;
    isBusy = true;
    const startedMs = clock.nowMs();
    try {
      if (!isReady()) lose();
      else if (isConnected) await subscriber.ping();
      else await establish();
      failures = 0;
      toldReason = undefined;
    } catch (error) {
      if (isReady()) tell(error);
      if (clock.nowMs() - startedMs <= options.heartbeatLimitMs + options.stallMs) lose();
      failures += 1;
      if (failures >= options.reconnectAfterHeartbeats && subscriber.status === 'ready') {
        failures = 0;
        subscriber.disconnect(true);
      }
    } finally {
      isBusy = false;
      next();
    }
  }

  function tell(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === toldReason) return;
    toldReason = reason;
    events.onTrouble?.(reason);
  }

  function isReady(): boolean {
    return gateway.isAvailable && gateway.connection.status === 'ready' && subscriber.status === 'ready';
  }

  async function establish(): Promise<void> {
    const begun = losses;
    identity ??= identityOf(subscriber).catch((error: unknown) => {
      identity = undefined;
      throw error;
    });
    const { clientId, runId } = await identity;
    await subscriber.subscribe(channel);
    // After a failover the two may be on different servers for a moment, where the id is another client's.
    if ((await runIdOf(gateway.connection)) !== runId) throw new Error('the two connections are on different servers');
    // Redis refuses a prefix that is on already, and keeps redirecting to the connection that was lost.
    await gateway.connection.call('CLIENT', 'TRACKING', 'OFF');
    const broadcast = ['REDIRECT', clientId, 'BCAST', 'PREFIX', options.prefix, 'NOLOOP'];
    await gateway.connection.call('CLIENT', 'TRACKING', 'ON', ...broadcast);
    if (!isReady() || losses !== begun) return;
    isConnected = true;
    events.onChange(true);
  }

  const onSubscriberReady = (): void => void beat();
  const onSubscriberClose = (): void => {
    identity = undefined;
    lose();
  };
  const onMessage = (_channel: Buffer, message: unknown): void => {
    events.onInvalidated(Array.isArray(message) ? message.map(String) : null);
  };
  subscriber.on('ready', onSubscriberReady);
  subscriber.on('close', onSubscriberClose);
  subscriber.on('messageBuffer', onMessage);
  gateway.connection.on('close', lose);
  const stopWatching = gateway.onChange((isAvailable) => (isAvailable ? void beat() : lose()));
  void beat();

  return {
    get isConnected() {
      return isConnected;
    },
    close() {
      isClosed = true;
      cancelTimer?.();
      stopWatching();
      subscriber.off('ready', onSubscriberReady);
      subscriber.off('close', onSubscriberClose);
      subscriber.off('messageBuffer', onMessage);
      gateway.connection.off('close', lose);
      lose();
      subscriber.disconnect();
    },
  };
}

interface Identity {
  readonly clientId: number;
  readonly runId: string;
}

/** Asked before the first SUBSCRIBE: after it, an RESP2 connection answers nothing but PING. */
async function identityOf(subscriber: Redis): Promise<Identity> {
  const [clientId, runId] = await Promise.all([subscriber.client('ID'), runIdOf(subscriber)]);
  return { clientId, runId };
}

/** What tells one server from another, and from itself before a restart. */
async function runIdOf(connection: Redis): Promise<string> {
  const info = await connection.info('server');
  return /run_id:(\w+)/.exec(info)?.[1] ?? '';
}
