import { type DocumentConfig, documentSettings } from './documents.ts';
import type { Environment } from './environment.ts';
import { type HttpConfig, httpSettings } from './http.ts';
import { type IdentityConfig, identitySettings } from './identity.ts';
import { type ImageConfig, imageSettings } from './images.ts';
import { type LimitConfig, limitSettings } from './limits.ts';
import { type ObservabilityConfig, observabilitySettings } from './observability.ts';
import { findUnsafeImageSettings, findUnsafeProcessSettings, findUnsafeServerSettings } from './production.ts';
import { type RedisConfig, redisSettings } from './redis.ts';
import { type ResilienceConfig, resilienceSettings } from './resilience.ts';
import { findMissingRegistry, type ServicesConfig, serviceSettings } from './services.ts';
import { createSettingsReader, type RunningEnvironment } from './settings-reader.ts';

export interface Config {
  readonly environment: RunningEnvironment;
  readonly http: HttpConfig & { readonly hasGraphiql: boolean };
  readonly identity: IdentityConfig;
  readonly services: Readonly<ServicesConfig>;
  readonly resilience: ResilienceConfig;
  readonly redis: RedisConfig;
  readonly limits: LimitConfig;
  readonly documents: DocumentConfig;
  readonly observability: ObservabilityConfig;
  /** Null for a server that hands out no pictures. */
  readonly images: ImageConfig | null;
}

/** What differs between our processes. */
export interface ConfigDefaults {
  readonly port?: number;
  readonly adminPort?: number;
  /** Whether this server hands out pictures, so that their settings are read; default false. */
  readonly hasImages?: boolean;
}

/**
 * Reads the whole configuration of a server.
 *
 * @throws ConfigError - naming every variable that is missing, malformed or unsafe in production, and no value.
 */
export function loadConfig(env: Environment, defaults: ConfigDefaults = {}): Config {
  const reader = createSettingsReader(env, {
    ...(defaults.port === undefined ? {} : { PORT: String(defaults.port) }),
    ...(defaults.adminPort === undefined ? {} : { ADMIN_PORT: String(defaults.adminPort) }),
  });
  const { environment, settings } = reader;
  const isProduction = environment === 'production';
  const http = reader.read(httpSettings);
  const documents = reader.read(documentSettings);
  const images = defaults.hasImages === true ? reader.read(imageSettings) : null;
  const sections = {
    identity: reader.read(identitySettings),
    services: reader.read(serviceSettings),
    resilience: reader.read(resilienceSettings),
    redis: reader.read(redisSettings),
    limits: reader.read(limitSettings),
    observability: reader.read(observabilitySettings),
    http: http && { ...http, hasGraphiql: http.hasGraphiql ?? !isProduction },
    documents: documents && {
      ...documents,
      mode: documents.mode ?? (isProduction ? ('allowlist' as const) : ('open' as const)),
    },
  };
  reader.complain(findMissingRegistry(settings));
  if (http !== null && http.port !== 0 && http.port === http.adminPort) {
    reader.complain(["ADMIN_PORT: must be another than PORT: what operators see is none of the public's business"]);
  }
  if (isProduction) {
    reader.complain(findUnsafeProcessSettings(settings));
    reader.complain(findUnsafeServerSettings(settings));
    if (defaults.hasImages === true) reader.complain(findUnsafeImageSettings(settings));
  }
  return { environment, images, ...reader.complete(sections) };
}

/** What `npm run start:images` needs: the image process by itself. */
export interface ImageProcessConfig {
  readonly environment: RunningEnvironment;
  readonly images: ImageConfig;
  readonly redis: RedisConfig;
  readonly observability: ObservabilityConfig;
}

/**
 * Reads the configuration of an image process that runs by itself.
 *
 * @throws ConfigError - as `loadConfig`
 */
export function loadImageConfig(env: Environment): ImageProcessConfig {
  const reader = createSettingsReader(env, {});
  const sections = {
    images: reader.read(imageSettings),
    redis: reader.read(redisSettings),
    observability: reader.read(observabilitySettings),
  };
  if (reader.environment === 'production') {
    reader.complain(findMissingRegistry(reader.settings));
    reader.complain(findUnsafeProcessSettings(reader.settings));
    reader.complain(findUnsafeImageSettings(reader.settings));
  }
  return { environment: reader.environment, ...reader.complete(sections) };
}
