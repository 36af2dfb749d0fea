import { z } from 'zod';

const version = z.string().regex(/^\d{1,9}(\.\d{1,9}){0,2}$/, 'must be a version such as 4.2.0');

/** Which documents are served to whom. */
export const documentSettings = z
  .object({
    DOCUMENTS: z.enum(['open', 'allowlist'], 'must be open or allowlist').optional(),
    OLDEST_CLIENT_VERSION: version.optional(),
  })
  .transform((settings) => ({
    /** `open`: any document within the limits. `allowlist`: only those of a manifest; the default in production. */
    mode: settings.DOCUMENTS,
    /** Older app versions get `CLIENT_TOO_OLD`; null: all are served. */
    oldestClientVersion: settings.OLDEST_CLIENT_VERSION ?? null,
  }));

export type DocumentConfig = Readonly<{ mode: 'open' | 'allowlist'; oldestClientVersion: string | null }>;
