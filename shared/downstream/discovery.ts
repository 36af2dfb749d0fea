import { lookup } from 'node:dns/promises';
import type { Clock } from '../clock.ts';

/** Where one instance of a service is. */
export interface InstanceAddress {
  /** Host and port, unique within the service: `10.0.0.7:4001`. For logs and `/health`. */
  readonly id: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** The address that a DNS answer gave for the host of `origin`. */
  readonly ipAddress?: IpAddress;
}

export interface IpAddress {
  readonly address: string;
  readonly family: number;
}

/** Instances that announce themselves and expire. */
export interface InstanceRegistry {
  /** The origins of the instances that are alive: `http://10.0.0.7:4001`. */
  list(service: string): Promise<readonly string[]>;
}

/** How the instances of a service are found. */
export type InstanceSource =
  | { readonly kind: 'urls'; readonly urls: readonly string[] }
  /** One URL whose host name has an address for each instance; looked up again as it ages. */
  | { readonly kind: 'dns'; readonly url: string; readonly lookup?: HostLookup }
  | { readonly kind: 'registry'; readonly registry: InstanceRegistry };

/** All addresses of a host name. */
export type HostLookup = (hostname: string) => Promise<readonly IpAddress[]>;

export interface Discovery {
  /** Settles when the first list is there, or could not be had. */
  readonly first: Promise<void>;
  close(): void;
}

export interface DiscoveryDeps {
  readonly clock: Clock;
  readonly intervalMs: number;
  onInstances(addresses: readonly InstanceAddress[]): void;
  /** `hasList`: whether there is a last good list, which goes on. */
  onFailure(error: unknown, hasList: boolean): void;
  /** The first list after a failure is there. */
  onRecovery(): void;
}

/** While there never was a list, the next question comes after this, then after twice that, up to the interval: until then every call fails. */
const firstPauseMs = 100;

/** Follows where a service's instances are. A list that cannot be had, or is empty, leaves the last good one in place. */
export function startDiscovery(service: string, source: InstanceSource, deps: DiscoveryDeps): Discovery {
  if (source.kind === 'urls') {
    deps.onInstances(source.urls.map(addressOf));
    return { first: Promise.resolve(), close: () => {} };
  }

  const asked = source;
  let isClosed = false;
  let hasList = false;
  let isFailing = false;
  let nextPauseMs = firstPauseMs;
  let cancelNext = (): void => {};

  function take(addresses: readonly InstanceAddress[]): void {
    if (addresses.length === 0) throw new Error('The list of instances is empty.');
    deps.onInstances(addresses);
    hasList = true;
    if (isFailing) deps.onRecovery();
    isFailing = false;
  }

  function pauseMs(): number {
    if (hasList) return deps.intervalMs;
    const chosenMs = Math.min(nextPauseMs, deps.intervalMs);
    nextPauseMs = chosenMs * 2;
    return chosenMs;
  }

  async function refresh(): Promise<void> {
    try {
      const addresses = await addressesOf(service, asked);
      if (!isClosed) take(addresses);
    } catch (error) {
      isFailing = true;
      if (!isClosed) deps.onFailure(error, hasList);
    }
    // One question at a time: a resolver that hangs is waited for, not asked again.
    if (!isClosed) cancelNext = deps.clock.schedule(pauseMs(), () => void refresh());
  }

  return {
    first: refresh(),
    close() {
      isClosed = true;
      cancelNext();
    },
  };
}

async function addressesOf(service: string, source: Exclude<InstanceSource, { kind: 'urls' }>) {
  if (source.kind === 'registry') return (await source.registry.list(service)).flatMap(announcedAddress);
  const url = new URL(source.url);
  const find = source.lookup ?? systemLookup;
  const found = await find(url.hostname);
  return found.map((ipAddress) => ({ id: hostOf(ipAddress, url), origin: url.origin, ipAddress }));
}

/** By the system's resolver and not by DNS alone: container networks answer from their hosts file and search domains. */
const systemLookup: HostLookup = (hostname) => lookup(hostname, { all: true });

function hostOf(ip: IpAddress, url: URL): string {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return ip.family === 6 ? `[${ip.address}]:${port}` : `${ip.address}:${port}`;
}

/** One instance that announced itself wrongly must not take the others with it. */
function announcedAddress(text: string): readonly InstanceAddress[] {
  return isHttpUrl(text) ? [addressOf(text)] : [];
}

function addressOf(text: string): InstanceAddress {
  if (!isHttpUrl(text)) throw new TypeError('An instance is given as an origin like http://10.0.0.7:4001.');
  const url = new URL(text);
  return { id: url.host, origin: url.origin };
}

function isHttpUrl(text: string): boolean {
  const protocol = URL.parse(text)?.protocol;
  return protocol === 'http:' || protocol === 'https:';
}
