import type { CachedRead, PartPolicy } from '../cache/cached-read.ts';
import type { Clients } from './services.ts';

/** What stands in for a service's read when the service fails. */
export interface KeptRead {
  readonly read: string;
  readonly part: string;
  readonly audience: 'public' | 'viewer';
  /** Seconds that it is kept for; 0: never. */
  readonly keepForSeconds: number;
  /** Whether a default is served where nothing is kept. */
  readonly hasDefault: boolean;
}

/** What every read falls back to, by service: for `GET /health`. */
export function describeKeptReads(clients: Clients): ReadonlyMap<string, readonly KeptRead[]> {
  const reads = Object.values(clients).flatMap((client) => Object.values(client).filter(isRead));
  return Map.groupBy(reads.flatMap(describe), ({ service }) => service);
}

type AnyRead = Pick<CachedRead<unknown, Record<string, unknown>>, 'name' | 'service' | 'audience'> & {
  readonly parts: Readonly<Record<string, PartPolicy<unknown>>>;
};

function isRead(member: unknown): member is AnyRead {
  return typeof member === 'object' && member !== null && 'parts' in member && 'audience' in member;
}

function describe({ name, service, audience, parts }: AnyRead): (KeptRead & { readonly service: string })[] {
  return Object.entries(parts).map(([part, policy]) => ({
    service,
    read: name,
    part,
    audience,
    keepForSeconds: policy.windows.keepForMs / 1000,
    hasDefault: policy.defaultValue !== undefined,
  }));
}
