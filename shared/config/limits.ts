import { z } from 'zod';
import { addressRange, integer, list } from './variables.ts';

/** How much one caller may ask for, and from when on this process turns requests away. */
export const limitSettings = z
  .object({
    RATE_LIMIT_VIEWER_POINTS: integer(1, 1_000_000_000).default(60_000),
    RATE_LIMIT_ADDRESS_POINTS: integer(1, 1_000_000_000).default(12_000),
    RATE_LIMIT_IPV6_PREFIX: integer(32, 128).default(64),
    RATE_LIMIT_CARRIER_RANGES: list(addressRange).default([]),
    RATE_LIMIT_CARRIER_POINTS: integer(1, 1_000_000_000).default(600_000),
    RATE_LIMIT_SENSITIVE_CALLS: integer(1, 1_000_000_000).default(5),
    SHED_EVENT_LOOP_DELAY_MS: integer(50, 60_000).default(500),
    SHED_UTILISATION_PERCENT: integer(50, 100).default(98),
    SHED_HEAP_PERCENT: integer(50, 100).default(85),
  })
  .transform((settings) => ({
    viewerPointsPerMinute: settings.RATE_LIMIT_VIEWER_POINTS,
    /** For an install id or an address. */
    addressPointsPerMinute: settings.RATE_LIMIT_ADDRESS_POINTS,
    /** One household or phone owns a whole /64: counting single addresses would give it 2^64 allowances. */
    ipv6PrefixBits: settings.RATE_LIMIT_IPV6_PREFIX,
    /** Addresses behind which a carrier hides thousands of phones, and their points a minute. */
    carrierRanges: settings.RATE_LIMIT_CARRIER_RANGES,
    carrierPointsPerMinute: settings.RATE_LIMIT_CARRIER_POINTS,
    /** Of one field that the schema marks `@sensitive`, by one caller: 30 aliased logins in one request are 30 tries. */
    sensitiveFieldsPerMinute: settings.RATE_LIMIT_SENSITIVE_CALLS,
    shedEventLoopDelayMs: settings.SHED_EVENT_LOOP_DELAY_MS,
    shedUtilisation: settings.SHED_UTILISATION_PERCENT / 100,
    shedHeapRatio: settings.SHED_HEAP_PERCENT / 100,
  }));

export type LimitConfig = Readonly<z.output<typeof limitSettings>>;
