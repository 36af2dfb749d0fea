import { connect } from 'node:net';
import type { Config } from '../config/config.ts';
import { developmentDefaults } from '../config/development.ts';
import { serviceNames, serviceVariable } from '../config/services.ts';

interface Place {
  /** Its variable. */
  readonly variable: string;
  /** One of them is enough. */
  readonly urls: readonly string[];
}

export type Settings = Pick<Config, 'services' | 'identity'>;

/** A machine that is there says yes or no in milliseconds; one that is not says nothing. */
const connectTimeoutMs = 1000;

/**
 * For a person at a terminal: what this server is told to ask must be there when it starts. A server in production starts whatever
 * is down, and serves what it can.
 *
 * @throws Error - one line that names each variable behind which nobody listens, and says what to do.
 */
export async function requireReachable(settings: Settings): Promise<void> {
  const places = placesOf(settings);
  const areThere = await Promise.all(places.map(isThere));
  const missing = places.filter((_, index) => areThere[index] === false);
  if (!missing.some(isNeeded)) return;
  const where = missing.map(({ variable, urls }) => `${variable} (${urls.map(hostOf).join(', ')})`).join(', ');
  throw new Error(
    `nobody answers at ${where}: start what should run there (the demo shop: npm run start:shop), or set where it is.`,
  );
}

/**
 * Nothing works without the identity provider, and who was named is meant to be there. A service that nobody has named is where
 * the demo shop would have it, and the shop may have none: one that was added a moment ago.
 */
function isNeeded({ variable, urls }: Place): boolean {
  return variable === 'JWKS_URL' || developmentDefaults[variable] !== urls.join(',');
}

/** Whoever announces himself in Redis, or has a name of many addresses, is looked for again and again: that is left to the discovery. */
function placesOf({ services, identity }: Settings): Place[] {
  const given = serviceNames.flatMap((name): Place[] => {
    const setting = services[name];
    return setting.kind === 'urls' ? [{ variable: serviceVariable(name), urls: setting.urls }] : [];
  });
  return [...given, { variable: 'JWKS_URL', urls: [identity.jwksUrl] }];
}

async function isThere({ urls }: Place): Promise<boolean> {
  return (await Promise.all(urls.map(accepts))).includes(true);
}

function accepts(address: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      timeout: connectTimeoutMs,
    });
    const end = (isAccepted: boolean): void => {
      socket.destroy();
      resolve(isAccepted);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

/** Never more of an address than this: it may hold a secret. */
function hostOf(address: string): string {
  return new URL(address).host;
}
