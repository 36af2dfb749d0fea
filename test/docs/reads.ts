import type { CachedRead, Windows } from '../../shared/cache/cached-read.ts';
import { createClients } from '../../shared/domains/services.ts';

/** What a read keeps, as a page shows it. */
export interface ShownRead {
  /** With the part's name, where a read has several. */
  readonly name: string;
  readonly audience: 'public' | 'viewer';
  readonly windows: Windows;
  readonly defaultValue: string | undefined;
}

type AnyRead = CachedRead<never, Record<string, never>>;

/** Every read that the domains declare, a line for each of its parts. */
export function listReads(): ShownRead[] {
  const clients = createClients({ call: () => Promise.reject(new Error('Nothing is asked here.')) });
  const members = Object.values(clients).flatMap((client) => Object.values<unknown>({ ...client }));
  return members.filter(isRead).flatMap(({ name, audience, parts }) =>
    Object.entries(parts).map(([part, { windows, defaultValue }], _, { length }) => ({
      name: length === 1 ? name : `${name} ${part}`,
      audience,
      windows,
      defaultValue: defaultValue === undefined ? undefined : JSON.stringify(defaultValue),
    })),
  );
}

function isRead(member: unknown): member is AnyRead {
  return typeof member === 'object' && member !== null && 'parts' in member;
}
