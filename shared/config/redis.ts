import { z } from 'zod';

const hosts = String.raw`(?:\[[0-9a-fA-F:]+\]|[^\s:,/@\[\]]+)(?::\d{1,5})?`;
const login = String.raw`(?:[^\s@/:]*:[^\s@/]*@)?`;
const single = new RegExp(String.raw`^rediss?:\/\/${login}${hosts}(?:\/\d{0,3})?$`);
const sentinel = new RegExp(String.raw`^rediss?\+sentinel:\/\/${login}${hosts}(?:,${hosts})*\/[^\s/]+(?:\/\d{0,3})?$`);

/** Of the hosts alone: a password may end in digits, too. */
function portsOf(value: string): number[] {
  const address = value.slice(value.indexOf('://') + 3);
  const authority = address.slice(address.indexOf('@') + 1).split('/', 1)[0] ?? '';
  return authority.split(',').map((host) => Number(/:(\d+)$/.exec(host)?.[1] ?? 1));
}

const redisUrl = z
  .string()
  .refine(
    (value) => value === 'none' || single.test(value) || sentinel.test(value),
    'must be redis://[user:password@]host:port/database, rediss://..., redis+sentinel://host:port,host:port/leader-name, or none',
  )
  .refine((value) => portsOf(value).every((port) => port >= 1 && port <= 65_535), 'must have ports from 1 to 65535');

/** The Redis that replicas share; `none` runs one process without. */
export const redisSettings = z
  .object({
    REDIS_URL: redisUrl.default('none'),
    REDIS_SENTINEL_PASSWORD: z.string().optional(),
    REDIS_TLS_CA: z.string().includes('BEGIN CERTIFICATE', 'must be a certificate in PEM').optional(),
  })
  .transform((settings) => ({
    url: settings.REDIS_URL === 'none' ? null : settings.REDIS_URL,
    sentinelPassword: settings.REDIS_SENTINEL_PASSWORD,
    /** The authority that signed the server's certificate, where the system does not know it. */
    tlsAuthority: settings.REDIS_TLS_CA,
  }));

export type RedisConfig = Readonly<z.output<typeof redisSettings>>;
