import { z } from 'zod';
import { integer, url } from './variables.ts';

/** What this process says about itself, and to whom. */
export const observabilitySettings = z
  .object({
    LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
      .default('info'),
    OTLP_URL: url('http:', 'https:').optional(),
    /** One request in a hundred by default: spans cost CPU, and a sampled parent is always followed. */
    TRACE_SAMPLE_PERCENT: integer(0, 100).default(1),
    SLOW_REQUEST_MS: integer(1, 60_000).default(1000),
  })
  .transform((settings) => ({
    logLevel: settings.LOG_LEVEL,
    /** Where spans go, as OTLP over HTTP; null: no spans are made. */
    otlpUrl: settings.OTLP_URL ?? null,
    traceSampleRatio: settings.TRACE_SAMPLE_PERCENT / 100,
    /** From this on, an operation's log line says why it was slow. */
    slowRequestMs: settings.SLOW_REQUEST_MS,
  }));

export type ObservabilityConfig = Readonly<z.output<typeof observabilitySettings>>;
