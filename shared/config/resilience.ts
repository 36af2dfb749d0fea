import { z } from 'zod';
import { integer } from './variables.ts';

/** What an operator sets for all services; everything else about a service stands in its policy. */
export const resilienceSettings = z
  .object({
    BREAKER_OPEN_MS: integer(100, 3_600_000).default(60_000),
    CACHE_MAX_FRESH_MS: integer(0, 3_600_000).optional(),
  })
  .transform((settings) => ({
    /** How long a breaker stays open before it lets a probe through, +-20 %; the demo takes 5 s, so that it can be waited for. */
    breakerOpenMs: settings.BREAKER_OPEN_MS,
    /** No value is fresh for longer than this, whatever its read declares; null: as declared. The demo takes 2 s, so that a fault shows. */
    maxFreshMs: settings.CACHE_MAX_FRESH_MS ?? null,
  }));

export type ResilienceConfig = Readonly<z.output<typeof resilienceSettings>>;
