import type { RedisOptions } from 'ioredis';
import { Redis } from 'ioredis';
import { parseRedisUrl } from './redis-url.ts';

/** `replyMapping` would change the type of every reply. */
type Settings = Omit<RedisOptions, 'replyMapping'>;

export interface RedisConnectionOptions {
  readonly url: string;
  /** Where the sentinels ask for one of their own. */
  readonly sentinelPassword?: string | undefined;
  /** PEM of the authority that signed the server's certificate, where the system does not know it. */
  readonly tlsAuthority?: string | undefined;
  /** What a command may take. 100: all that a GraphQL request may spend on Redis. */
  readonly commandTimeoutMs: number;
  /** 1000: a dead host must not eat a request's budget. */
  readonly connectTimeoutMs: number;
  /** The longest pause between two tries to connect. 1000: writes are taken again within 2 s of a failover. */
  readonly maxReconnectDelayMs: number;
  /**
   * No two reconnects because of READONLY within this. 500: one frees a connection from a leader that was deposed; one for every
   * command would never be connected. `Infinity` switches them off.
   */
  readonly readonlyReconnectEveryMs: number;
}

export const redisConnectionDefaults = {
  commandTimeoutMs: 100,
  connectTimeoutMs: 1000,
  maxReconnectDelayMs: 1000,
  readonlyReconnectEveryMs: 500,
} as const satisfies Partial<RedisConnectionOptions>;

/**
 * A connection that fails fast: with ioredis 6's own defaults a GET on a closed port fails after 73 s, and on a black hole never.
 * `role` names it in Redis's `CLIENT LIST`. It connects at once and reconnects for ever; its errors are events that nobody needs
 * to listen to.
 */
export function connectRedis(options: RedisConnectionOptions, role: string, overrides: Settings = {}): Redis {
  const target = parseRedisUrl(options.url);
  const tls = target.isTls ? { tls: options.tlsAuthority === undefined ? {} : { ca: options.tlsAuthority } } : {};
  let reconnectedAtMs = Number.NEGATIVE_INFINITY;
  const settings: Settings = {
    ...addressOf(options),
    ...tls,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    db: target.database,
    connectionName: role,
    commandTimeout: options.commandTimeoutMs,
    connectTimeout: options.connectTimeoutMs,
    disconnectTimeout: 500,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    // A command that was cut off may be an entry of before a drop; whoever sent it has had its answer long ago.
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) =>
      Math.min(50 * 2 ** Math.min(times, 10), options.maxReconnectDelayMs) * (0.5 + Math.random() / 2),
    reconnectOnError(error) {
      const everyMs = options.readonlyReconnectEveryMs;
      if (!error.message.startsWith('READONLY') || everyMs === Infinity) return false;
      const nowMs = performance.now();
      if (nowMs - reconnectedAtMs < everyMs) return false;
      reconnectedAtMs = nowMs;
      return 2;
    },
    ...overrides,
  };
  const connection = new Redis(settings);
  connection.on('error', () => undefined);
  return connection;
}

/**
 * A connection for subscriptions alone. RESP2, because ioredis 6 hands RESP3's invalidations to nobody; it subscribes anew by
 * itself, after it has asked what RESP2 answers only before.
 */
export function connectSubscriber(options: RedisConnectionOptions, role: string): Redis {
  return connectRedis(options, role, { protocol: 2, autoResubscribe: false, enableAutoPipelining: false });
}

function addressOf(options: RedisConnectionOptions): Settings {
  const target = parseRedisUrl(options.url);
  const [first] = target.addresses;
  if (target.leaderName === undefined) return first === undefined ? {} : { host: first.host, port: first.port };
  return {
    sentinels: [...target.addresses],
    name: target.leaderName,
    ...(options.sentinelPassword === undefined ? {} : { sentinelPassword: options.sentinelPassword }),
    ...(target.isTls
      ? {
          enableTLSForSentinelMode: true,
          sentinelTLS: options.tlsAuthority === undefined ? {} : { ca: options.tlsAuthority },
        }
      : {}),
    sentinelCommandTimeout: options.connectTimeoutMs,
    sentinelRetryStrategy: (times) => Math.min(50 * times, options.maxReconnectDelayMs),
    failoverDetector: true,
    sentinelReconnectStrategy: (times) => Math.min(100 * times, 5000),
  };
}
