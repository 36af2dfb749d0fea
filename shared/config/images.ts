import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { integer, list, origin, port, url } from './variables.ts';

const keyForm = /^[A-Za-z0-9-]{1,16}:[^,\s]{32,256}$/;

/** `id:secret`, or two of them: the first signs, both verify, so that keys can be exchanged while old URLs are still about. */
const keys = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .refine(
    (parts) => parts.length <= 2 && parts.every((part) => keyForm.test(part)),
    'must be one or two of id:secret, separated by a comma, each secret at least 32 characters long',
  )
  .transform((parts) =>
    parts.map((part) => ({ id: part.slice(0, part.indexOf(':')), secret: part.slice(part.indexOf(':') + 1) })),
  )
  .refine((parts) => new Set(parts.map(({ id }) => id)).size === parts.length, 'must have a different id for each key');

/** How pictures are signed, found and kept. */
export const imageSettings = z
  .object({
    HOST: z.string().default('127.0.0.1'),
    IMAGE_HOST: z.string().optional(),
    IMAGE_PORT: port.default(4003),
    IMAGE_BASE_URL: url('http:', 'https:').optional(),
    IMAGE_PROCESS: z.enum(['child', 'elsewhere'], 'must be child or elsewhere').default('child'),
    IMAGE_KEYS: keys,
    IMAGE_ORIGINS: list(origin).default([]),
    IMAGE_PRIVATE_ORIGINS: list(origin).default([]),
    IMAGE_CACHE_DIR: z.string().default(join(tmpdir(), 'shop-bff-images')),
    IMAGE_CACHE_MB: integer(10, 10_000_000).default(1024),
  })
  .transform((settings, context) => {
    const isElsewhere = settings.IMAGE_PROCESS === 'elsewhere';
    if (isElsewhere && settings.IMAGE_BASE_URL === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['IMAGE_BASE_URL'],
        message: 'must be set, because IMAGE_PROCESS says elsewhere',
      });
      return z.NEVER;
    }
    return {
      /** Where phones reach pictures: a CDN or an ingress; undefined: the image process on this machine. */
      baseUrl: settings.IMAGE_BASE_URL,
      /** Whether `npm run start:images` makes the pictures instead of a child of this process. */
      isElsewhere,
      settings: {
        host: settings.IMAGE_HOST ?? settings.HOST,
        port: settings.IMAGE_PORT,
        basePath: '/images',
        keys: settings.IMAGE_KEYS,
        /** Where originals may come from; every address behind them must be public. */
        origins: settings.IMAGE_ORIGINS,
        /** Origins that may be private addresses: a media server in this cluster. */
        privateOrigins: settings.IMAGE_PRIVATE_ORIGINS,
        cacheDirectory: settings.IMAGE_CACHE_DIR,
        limits: {
          maxVariantCacheBytes: settings.IMAGE_CACHE_MB * 1024 ** 2,
          maxOriginalCacheBytes: settings.IMAGE_CACHE_MB * 1024 ** 2,
        },
      },
    };
  });

export type ImageConfig = Readonly<z.output<typeof imageSettings>>;
