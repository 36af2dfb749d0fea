/** Families of ours: a variable that starts so and that nobody reads is a typing error which would leave a limit at its default. */
const families = [
  'JWT_',
  'JWKS_',
  'RATE_LIMIT_',
  'SHED_',
  'CORS_',
  'DRAIN_',
  'TRACE_',
  'IMAGE_',
  'BREAKER_',
  'CACHE_MAX_',
  'DOCUMENTS',
  'GRAPHIQL',
  'OLDEST_',
  'SERVICE_TOKEN',
  'SLOW_',
  'TRUSTED_',
];

/** Every setting of these families that is read, so that a misspelt one can be told from it. */
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
  'RATE_LIMIT_SENSITIVE_CALLS',
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
  'CACHE_MAX_FRESH_MS',
  'DOCUMENTS',
  'GRAPHIQL',
  'OLDEST_CLIENT_VERSION',
  'SERVICE_TOKEN',
  'SERVICE_TOKEN_FILE',
  'SLOW_REQUEST_MS',
  'TRUSTED_PROXIES',
]);

/** What Kubernetes adds for a service that happens to be called as a family of ours is. */
const discovered = /_(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?|PORT_\d.*)$/;

/** Variables that look like settings of ours and are none; one line each, the variable's name first. */
export function findMisspelt(names: readonly string[]): string[] {
  return names
    .filter((name) => families.some((family) => name.startsWith(family)) && !known.has(name) && !discovered.test(name))
    .map((name) => `${name}: is not a setting of this server; correct its name or remove it`);
}
