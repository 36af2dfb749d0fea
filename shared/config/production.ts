import { isLoopback } from './variables.ts';

/** Families of ours: a variable that starts so and that nobody reads is a typing error which would leave a limit at its default. */
const families = ['JWT_', 'JWKS_', 'RATE_LIMIT_', 'SHED_', 'CORS_', 'DRAIN_', 'TRACE_', 'IMAGE_', 'BREAKER_'];

/** Every setting that is read, so that a misspelt one can be told from it. */
const known = new Set([
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'JWT_ALGORITHM',
  'JWKS_URL',
  'RATE_LIMIT_VIEWER_POINTS',
  'RATE_LIMIT_ADDRESS_POINTS',
  'RATE_LIMIT_IPV6_PREFIX',
  'RATE_LIMIT_CARRIER_RANGES',
  'RATE_LIMIT_CARRIER_POINTS',
  'SHED_EVENT_LOOP_DELAY_MS',
  'SHED_UTILISATION_PERCENT',
  'SHED_HEAP_PERCENT',
  'CORS_ORIGINS',
  'DRAIN_NOTICE_MS',
  'TRACE_SAMPLE_PERCENT',
  'BREAKER_OPEN_MS',
  'IMAGE_PORT',
  'IMAGE_BASE_URL',
  'IMAGE_PROCESS',
  'IMAGE_KEYS',
  'IMAGE_KEYS_FILE',
  'IMAGE_ORIGINS',
  'IMAGE_PRIVATE_ORIGINS',
  'IMAGE_CACHE_DIR',
  'IMAGE_CACHE_MB',
  'IMAGE_HOST',
]);

/** What would run in production and must not; one line each, the variable's name first. */
export function findUnsafeSettings(settings: Readonly<Record<string, string>>): string[] {
  const problems: string[] = [];
  for (const name of Object.keys(settings)) {
    if (families.some((family) => name.startsWith(family)) && !known.has(name)) {
      problems.push(`${name}: is not a setting of this server; correct its name or remove it`);
    }
  }
  const jwksUrl = settings['JWKS_URL'];
  if (jwksUrl?.startsWith('http:') && !isLoopback(jwksUrl)) {
    problems.push('JWKS_URL: must start with https:// in production, or anybody on the way could forge every token');
  }
  const needsRegistry = Object.values(settings).includes('registry');
  if (settings['REDIS_URL'] === undefined && !needsRegistry) {
    problems.push(
      'REDIS_URL: is not set (redis://..., or none for a single process whose limits and cache are its own)',
    );
  }
  if (settings['GRAPHIQL'] === 'true') {
    problems.push('GRAPHIQL: must not be true in production');
  }
  for (const origin of settings['CORS_ORIGINS']?.split(',') ?? []) {
    const trimmed = origin.trim();
    if (trimmed.startsWith('http:') && !isLoopback(trimmed)) {
      problems.push('CORS_ORIGINS: must be https:// origins in production');
    }
  }
  return problems;
}

/** The same of what only a server with pictures needs. */
export function findUnsafeImageSettings(settings: Readonly<Record<string, string>>): string[] {
  const problems: string[] = [];
  if (settings['IMAGE_BASE_URL'] === undefined) {
    problems.push('IMAGE_BASE_URL: is not set (where phones reach pictures: a CDN or an ingress)');
  }
  if (settings['IMAGE_ORIGINS'] === undefined && settings['IMAGE_PRIVATE_ORIGINS'] === undefined) {
    problems.push('IMAGE_ORIGINS: is not set (where originals come from; IMAGE_PRIVATE_ORIGINS for private addresses)');
  }
  if (settings['IMAGE_CACHE_DIR'] === undefined) {
    problems.push('IMAGE_CACHE_DIR: is not set (a folder for originals and results that survives a restart)');
  }
  return problems;
}
