import { developmentDefaults } from './development.ts';
import { findMisspelt } from './misspelt.ts';
import { findMissingRegistry } from './services.ts';
import { isPlainHttp } from './variables.ts';

type Settings = Readonly<Record<string, string>>;

/** What would run in production and must not, whatever it is that runs; one line each, the variable's name first. */
export function findUnsafeProcessSettings(settings: Settings): string[] {
  const problems = findMisspelt(Object.keys(settings));
  if (settings['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    problems.push('NODE_TLS_REJECT_UNAUTHORIZED: must not be 0 in production: no certificate would be looked at');
  }
  // A registry's complaint says the same and why.
  if (settings['REDIS_URL'] === undefined && findMissingRegistry(settings).length === 0) {
    problems.push(
      'REDIS_URL: is not set (redis://..., or none for a single process whose limits and cache are its own)',
    );
  }
  return problems;
}

/** The same of what only a GraphQL server needs. */
export function findUnsafeServerSettings(settings: Settings): string[] {
  const problems: string[] = [];
  if (isPlainHttp(settings['JWKS_URL'])) {
    problems.push('JWKS_URL: must start with https:// in production, or anybody on the way could forge every token');
  }
  if (settings['GRAPHIQL'] === 'true') {
    problems.push('GRAPHIQL: must not be true in production');
  }
  if (entriesOf(settings['CORS_ORIGINS']).some(isPlainHttp)) {
    problems.push('CORS_ORIGINS: must be https:// origins in production');
  }
  if (entriesOf(settings['TRUSTED_PROXIES']).some(isWiderThanPrivate)) {
    problems.push('TRUSTED_PROXIES: must name your proxies: whoever is believed can pass for any address');
  }
  return problems;
}

/** The same of what only pictures need. */
export function findUnsafeImageSettings(settings: Settings): string[] {
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
  const published = secretOf(developmentDefaults['IMAGE_KEYS'] ?? '');
  if (entriesOf(settings['IMAGE_KEYS']).some((key) => secretOf(key) === published)) {
    problems.push('IMAGE_KEYS: must not be the key of development, which everybody can read');
  }
  return problems;
}

function entriesOf(value: string | undefined): string[] {
  return value?.split(',').map((entry) => entry.trim()) ?? [];
}

function secretOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

/** Larger than 10.0.0.0/8 and fc00::/7, the largest ranges that one owner has. */
function isWiderThanPrivate(range: string): boolean {
  const [address = '', bits] = range.split('/');
  return bits !== undefined && Number(bits) < (address.includes(':') ? 7 : 8);
}
