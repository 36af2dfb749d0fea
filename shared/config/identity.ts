import { z } from 'zod';
import { url } from './variables.ts';

/** Whose tokens are believed, and the token that this server shows to the services. */
export const identitySettings = z
  .object({
    JWKS_URL: url('http:', 'https:'),
    JWT_ISSUER: z.string(),
    JWT_AUDIENCE: z.string(),
    /** One, and asymmetric: a list invites the confusion of a public key with an HMAC secret. */
    JWT_ALGORITHM: z
      .enum(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'], 'must be ES256, ES384, RS256, PS256 or EdDSA')
      .default('ES256'),
    SERVICE_TOKEN: z
      .string()
      .min(32, 'must be at least 32 characters long')
      // It becomes a header: a line break would begin another one, and anything else that is no token fails each call.
      .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces or line breaks, and without the word Bearer'),
  })
  .transform((settings) => ({
    jwksUrl: settings.JWKS_URL,
    issuer: settings.JWT_ISSUER,
    audience: settings.JWT_AUDIENCE,
    algorithm: settings.JWT_ALGORITHM,
    serviceToken: settings.SERVICE_TOKEN,
  }));

export type IdentityConfig = Readonly<z.output<typeof identitySettings>>;
