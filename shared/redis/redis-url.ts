/** Where a Redis is, as its URL says. */
export interface RedisTarget {
  readonly isTls: boolean;
  /** One server, or the sentinels that know it. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** The name the sentinels know the leader by; undefined: no sentinels. */
  readonly leaderName: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

const pattern =
  /^(?<scheme>redis|rediss|redis\+sentinel|rediss\+sentinel):\/\/(?:(?<login>[^@/]*)@)?(?<hosts>[^/?#]+)(?<path>\/[^?#]*)?$/;
const hostPattern = /^(?<host>\[[0-9a-fA-F:]+\]|[^:@[\]]+)(?::(?<port>\d{1,5}))?$/;

/**
 * Reads `redis://[user:password@]host[:port][/database]`, `rediss://` (TLS), or, for Sentinel,
 * `redis+sentinel://[user:password@]host:port,host:port/leader-name[/database]` and `rediss+sentinel://`.
 *
 * @throws Error - that says what is wrong and repeats nothing of the URL, which holds a password.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const parts = pattern.exec(url)?.groups;
  if (parts === undefined) {
    throw new Error(
      'is not of the form redis://host:port/database, rediss://... or redis+sentinel://host:port,host:port/leader-name',
    );
  }
  const hasSentinels = parts['scheme']?.endsWith('+sentinel') === true;
  const path = (parts['path'] ?? '').split('/').filter((step) => step !== '');
  const leaderName = hasSentinels ? path.shift() : undefined;
  if (hasSentinels && leaderName === undefined)
    throw new Error('names no leader: redis+sentinel://host:port/leader-name');
  if (path.length > 1) throw new Error('has more than a database in its path');
  const addresses = (parts['hosts'] ?? '')
    .split(',')
    .map((address) => parseAddress(address, hasSentinels ? 26_379 : 6379));
  if (!hasSentinels && addresses.length > 1) throw new Error('names several hosts, which only redis+sentinel:// may');
  return {
    isTls: parts['scheme']?.startsWith('rediss') === true,
    addresses,
    leaderName: leaderName === undefined ? undefined : decode(leaderName),
    ...parseLogin(parts['login']),
    database: parseDatabase(path[0]),
  };
}

function parseAddress(address: string, defaultPort: number): { host: string; port: number } {
  const parts = hostPattern.exec(address)?.groups;
  const port = parts?.['port'] === undefined ? defaultPort : Number(parts['port']);
  if (parts?.['host'] === undefined || port < 1 || port > 65_535) throw new Error('has a host or port that is none');
  return { host: parts['host'].replace(/^\[|\]$/g, ''), port };
}

function parseLogin(login: string | undefined): { username: string | undefined; password: string | undefined } {
  if (login === undefined || login === '') return { username: undefined, password: undefined };
  const colon = login.indexOf(':');
  if (colon < 0) throw new Error('has a user without a password: redis://user:password@host or redis://:password@host');
  const username = decode(login.slice(0, colon));
  return { username: username === '' ? undefined : username, password: decode(login.slice(colon + 1)) };
}

function parseDatabase(step: string | undefined): number {
  if (step === undefined) return 0;
  if (!/^\d{1,3}$/.test(step)) throw new Error('has a database that is no number');
  return Number(step);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('has a % that is no encoding');
  }
}
