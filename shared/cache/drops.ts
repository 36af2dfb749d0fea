import type { Clock } from '../clock.ts';
import type { DropTargets } from './cached-read.ts';
import type { Generations } from './generations.ts';
import { createRepeatedDrops } from './repeated-drops.ts';
import { readScope, tagScope } from './scopes.ts';
import type { SharedLevel } from './shared-level.ts';

/** Makes what is kept no longer count, here and in the shared level. */
export interface Drops {
  dropScopes(scopes: readonly string[], viewerId: string | null): Promise<void>;
  drop(targets: DropTargets): Promise<void>;
  close(): void;
}

export function createDrops({
  clock,
  generations,
  shared,
}: {
  readonly clock: Clock;
  readonly generations: Generations;
  readonly shared: SharedLevel | undefined;
}): Drops {
  async function dropScopes(scopes: readonly string[], viewerId: string | null): Promise<void> {
    for (const scope of scopes) generations.drop(scope);
    if (scopes.length > 0) await shared?.drop(scopes, viewerId);
  }

  const dropOnce = (targets: DropTargets): Promise<void> => dropScopes(scopesOf(targets), targets.viewerId);
  const repeated = createRepeatedDrops(clock, dropOnce);

  return {
    dropScopes,
    drop(targets) {
      // Not what is everybody's: for a minute nothing of it could be kept against an outage, for anybody.
      if (targets.isUnsettled) repeated.add({ ...targets, tags: [] });
      return dropOnce(targets);
    },
    close: repeated.close,
  };
}

function scopesOf({ viewerId, reads = [], tags = [] }: DropTargets): string[] {
  return [...reads.map((read) => readScope(viewerId, read)), ...tags.map(tagScope)];
}
