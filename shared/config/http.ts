import { z } from 'zod';
import { addressRange, flag, integer, list, origin, port } from './variables.ts';

/** Where the two listeners stand and whom they trust. */
export const httpSettings = z
  .object({
    HOST: z.string().default('127.0.0.1'),
    PORT: port,
    ADMIN_HOST: z.string().default('127.0.0.1'),
    ADMIN_PORT: port,
    CORS_ORIGINS: list(origin).default([]),
    TRUSTED_PROXIES: list(addressRange).default([]),
    GRAPHIQL: flag.optional(),
    // No more: what is under way then has 9 s, and the whole process 15.
    DRAIN_NOTICE_MS: integer(0, 5000).default(5000),
  })
  .transform((settings) => ({
    host: settings.HOST,
    /** 0: any free port. */
    port: settings.PORT,
    adminHost: settings.ADMIN_HOST,
    adminPort: settings.ADMIN_PORT,
    /** The browsers' origins that may read answers; nobody else may. */
    corsOrigins: settings.CORS_ORIGINS,
    /** Peers whose X-Forwarded-For is believed: addresses and CIDR ranges. */
    trustedProxies: settings.TRUSTED_PROXIES,
    /** Whether GET /graphql shows a browser the query editor; in development only, unless set. */
    hasGraphiql: settings.GRAPHIQL,
    /** How long a terminating process goes on serving while the load balancer takes it out. */
    drainNoticeMs: settings.DRAIN_NOTICE_MS,
  }));

export type HttpConfig = Readonly<z.output<typeof httpSettings>>;
