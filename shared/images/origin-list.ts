import { isIP } from 'node:net';
import { AppError } from '../errors.ts';
import { isPrivateOriginAddress, isPublicAddress } from './public-address.ts';

/** An original that may be fetched. */
export interface AllowedOriginal {
  readonly origin: string;
  /** Path and query, as they go onto the wire. */
  readonly path: string;
  /** Holds for every address behind the name, or nothing is fetched. */
  readonly isAllowedAddress: (address: string) => boolean;
}

export interface OriginList {
  /** @throws AppError NOT_FOUND - the source is not on the list, in whatever spelling. */
  find(source: string): AllowedOriginal;
}

/**
 * The origins that originals may come from.
 *
 * @throws TypeError - an entry is more or less than an origin, or an address that no origin may have.
 */
export function createOriginList(publicOrigins: readonly string[], privateOrigins: readonly string[]): OriginList {
  const rules = new Map<string, AllowedOriginal['isAllowedAddress']>();
  for (const origin of publicOrigins) rules.set(readOrigin(origin, isPublicAddress), isPublicAddress);
  for (const origin of privateOrigins) rules.set(readOrigin(origin, isPrivateOriginAddress), isPrivateOriginAddress);

  return {
    find(source) {
      const url = URL.parse(source);
      // Only the canonical spelling: what the parser had to change was meant to be read in two ways.
      if (url === null || url.href !== source || url.username !== '' || url.password !== '' || url.hash !== '') {
        throw new AppError('NOT_FOUND', 'the source is not the canonical spelling of a URL');
      }
      const isAllowedAddress = rules.get(url.origin);
      if (isAllowedAddress === undefined) throw new AppError('NOT_FOUND', 'the source is not on the list of origins');
      return { origin: url.origin, path: `${url.pathname}${url.search}`, isAllowedAddress };
    },
  };
}

function readOrigin(origin: string, isAllowedAddress: AllowedOriginal['isAllowedAddress']): string {
  const url = URL.parse(origin);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new TypeError('image origins: give each as scheme, host and port, as https://media.shop.example');
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  // Here and not at each connection: the resolver, whose answers are checked there, is not asked about an address in figures.
  if (isIP(hostname) !== 0 && !isAllowedAddress(hostname)) {
    throw new TypeError(
      isPrivateOriginAddress(hostname)
        ? `image origins: ${url.origin} is no public address; give it as a private origin, if it is one`
        : `image origins: ${url.origin} is an address that no origin may have`,
    );
  }
  return url.origin;
}
