import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { developmentDefaults } from './development.ts';
import { type DocumentConfig, documentSettings } from './documents.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { type HttpConfig, httpSettings } from './http.ts';
import { type IdentityConfig, identitySettings } from './identity.ts';
import { type LimitConfig, limitSettings } from './limits.ts';
import { type ObservabilityConfig, observabilitySettings } from './observability.ts';
import { findUnsafeSettings } from './production.ts';
import { type RedisConfig, redisSettings } from './redis.ts';
import { type ServicesConfig, serviceNames, serviceSettings, serviceVariable } from './services.ts';

export interface Config {
  readonly environment: 'development' | 'test' | 'production';
  readonly http: HttpConfig & { readonly hasGraphiql: boolean };
  readonly identity: IdentityConfig;
  readonly services: Readonly<ServicesConfig>;
  readonly redis: RedisConfig;
  readonly limits: LimitConfig;
  readonly documents: DocumentConfig;
  readonly observability: ObservabilityConfig;
}

/** What a process of ours uses where its environment is silent. */
export interface ConfigDefaults {
  readonly port?: number;
  readonly adminPort?: number;
}

const environmentSettings = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'must be development, test or production')
    .default('development'),
});

/**
 * Reads the whole configuration of a server.
 *
 * @throws ConfigError - naming every variable that is missing, malformed or unsafe in production, and no value.
 */
export function loadConfig(env: Environment, defaults: ConfigDefaults = {}): Config {
  const problems: string[] = [];
  const given = readEnvironment(env, problems);
  const environment = read(environmentSettings, given, problems)?.NODE_ENV ?? 'production';
  const settings = { ...defaultSettings(environment, defaults), ...given };

  const http = read(httpSettings, settings, problems);
  const identity = read(identitySettings, settings, problems);
  const services = read(serviceSettings, settings, problems);
  const redis = read(redisSettings, settings, problems);
  const limits = read(limitSettings, settings, problems);
  const documents = read(documentSettings, settings, problems);
  const observability = read(observabilitySettings, settings, problems);
  if (environment === 'production') problems.push(...findUnsafeSettings(settings));

  if (!http || !identity || !services || !redis || !limits || !documents || !observability || problems.length > 0) {
    throw new ConfigError([...new Set(problems)]);
  }
  return {
    environment,
    http: { ...http, hasGraphiql: http.hasGraphiql ?? environment !== 'production' },
    identity,
    services,
    redis,
    limits,
    documents: { ...documents, mode: documents.mode ?? (environment === 'production' ? 'allowlist' : 'open') },
    observability,
  };
}

function defaultSettings(environment: Config['environment'], defaults: ConfigDefaults): Record<string, string> {
  return {
    ...(environment === 'production' ? {} : developmentDefaults),
    ...(defaults.port === undefined ? {} : { PORT: String(defaults.port) }),
    ...(defaults.adminPort === undefined ? {} : { ADMIN_PORT: String(defaults.adminPort) }),
  };
}

function read<T extends z.ZodType>(
  section: T,
  settings: Record<string, string>,
  problems: string[],
): z.output<T> | null {
  const result = section.safeParse(settings, {
    error: (issue) => (issue.input === undefined ? 'is not set' : undefined),
  });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const name = String(issue.path[0] ?? '');
    problems.push(`${name}: ${settings[name] === undefined ? describeMissing(name, issue.message) : issue.message}`);
  }
  return null;
}

function describeMissing(name: string, message: string): string {
  const purpose = purposes[name];
  return purpose === undefined || message !== 'is not set' ? message : `is not set (${purpose})`;
}

const purposes: Readonly<Record<string, string>> = {
  PORT: 'where clients connect',
  ADMIN_PORT: 'where metrics and health are read, never by the public',
  JWKS_URL: 'where the identity provider publishes its keys',
  JWT_ISSUER: 'the "iss" of every token that is believed',
  JWT_AUDIENCE: 'the "aud" of every token that is believed',
  SERVICE_TOKEN: 'the token that this server shows to the services; or SERVICE_TOKEN_FILE with the path of a file',
  ...Object.fromEntries(
    serviceNames.map((name) => [serviceVariable(name), 'where the service runs: URLs, dns://name:port or registry']),
  ),
};
