import { isLoopback } from './variables.ts';

/** Families of ours: a variable that starts so and that nobody reads is a typing error which would leave a limit at its default. */
const families = ['JWT_', 'JWKS_', 'RATE_LIMIT_', 'SHED_', 'CORS_', 'DRAIN_', 'TRACE_'];

/** Every setting that is read, so that a misspelt one can be told from it. */
const known = new Set([
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'JWT_ALGORITHM',
  'JWKS_URL',
  'RATE_LIMIT_VIEWER_POINTS',
  'RATE_LIMIT_ADDRESS_POINTS',
  'RATE_LIMIT_IPV6_PREFIX',
  'SHED_EVENT_LOOP_DELAY_MS',
  'SHED_UTILISATION_PERCENT',
  'SHED_HEAP_PERCENT',
  'CORS_ORIGINS',
  'DRAIN_NOTICE_MS',
  'TRACE_SAMPLE_PERCENT',
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
  if (settings['REDIS_URL'] === undefined) {
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
