import { z } from 'zod';
import { url } from './variables.ts';

/** The Redis that replicas share; `none` runs one process without. */
export const redisSettings = z
  .object({ REDIS_URL: z.union([z.literal('none'), url('redis:', 'rediss:')]).default('none') })
  .transform((settings) => ({ url: settings.REDIS_URL === 'none' ? null : settings.REDIS_URL }));

export type RedisConfig = Readonly<z.output<typeof redisSettings>>;
