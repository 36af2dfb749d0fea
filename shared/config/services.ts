import { z } from 'zod';
import { url } from './variables.ts';

/** Every service behind this layer; `X_URLS` says where the service `x` runs. */
export const serviceNames = [
  // In the order of the demo shop's ports; a new one goes to the end.
  'users',
  'catalog',
  'recommendations',
  'orders',
  'analytics',
  'notifications',
] as const;

export type ServiceName = (typeof serviceNames)[number];

/** Where the instances of a service are found. */
export type InstanceSetting =
  | { readonly kind: 'urls'; readonly urls: readonly string[] }
  /** All addresses of the URL's host name, asked again and again; written as `dns://name:port` or `dns+https://name:port`. */
  | { readonly kind: 'dns'; readonly url: string }
  /** Those that announce themselves in Redis. */
  | { readonly kind: 'registry' };

export type ServicesConfig = Readonly<Record<ServiceName, InstanceSetting>>;

const form =
  'must be a comma-separated list of http:// or https:// URLs without a path, or dns://name:port, or dns+https://name:port, or the word registry';
const instanceUrl = url('http:', 'https:').refine(isBare);

/** Routes begin at the root: a path here, as of a gateway, would be left out of every call in silence. */
function isBare(value: string): boolean {
  const parsed = URL.parse(value);
  return parsed !== null && /^\/*$/.test(parsed.pathname) && parsed.search === '' && parsed.hash === '';
}

function parseSource(value: string): InstanceSetting | null {
  if (value === 'registry') return { kind: 'registry' };
  const dns = URL.parse(value);
  if (dns !== null && /^dns(\+https)?:$/.test(dns.protocol)) {
    if (dns.hostname === '' || !(Number(dns.port) > 0) || !isBare(value)) return null;
    return { kind: 'dns', url: `${dns.protocol === 'dns:' ? 'http' : 'https'}://${dns.host}` };
  }
  const urls = value.split(',').map((part) => part.trim());
  if (urls.some((entry) => !instanceUrl.safeParse(entry).success)) return null;
  return { kind: 'urls', urls: urls.map((entry) => entry.replace(/\/+$/, '')) };
}

const instanceSetting = z.string().transform((value, context): InstanceSetting => {
  const setting = parseSource(value);
  if (setting !== null) return setting;
  context.addIssue({ code: 'custom', message: form });
  return z.NEVER;
});

/** The variable that says where a service runs. */
export function serviceVariable(name: ServiceName): string {
  return `${name.toUpperCase()}_URLS`;
}

/** One variable a service. */
export const serviceSettings = z
  .object(Object.fromEntries(serviceNames.map((name) => [serviceVariable(name), instanceSetting])))
  .transform((settings): ServicesConfig => {
    const sources = serviceNames.map((name) => [name, settings[serviceVariable(name)]] as const);
    return Object.fromEntries(sources) as ServicesConfig;
  });

/** A service that says `registry` needs a Redis to be found in; one line, the variable's name first. */
export function findMissingRegistry(settings: Readonly<Record<string, string>>): string[] {
  if ((settings['REDIS_URL'] ?? 'none') !== 'none') return [];
  const seeker = serviceNames.map(serviceVariable).find((variable) => settings[variable] === 'registry');
  return seeker === undefined ? [] : [`REDIS_URL: is not set (needed, because ${seeker} says registry)`];
}
