import { isPersonal, rootScope, viewerScope } from './scopes.ts';

/** A drop that Redis has not taken; `turn` tells it from a later one of the same scope. */
export interface PendingDrop {
  readonly scope: string;
  readonly turn: number;
}

export interface PendingDropsOptions {
  /** 50: past it, all that is kept for the viewer is dropped at once. */
  readonly maxPerViewer: number;
  /** 10000, a megabyte at most: past it, everything is dropped at once. */
  readonly max: number;
}

export const pendingDropsDefaults: PendingDropsOptions = { maxPerViewer: 50, max: 10_000 };

/** The drops that wait for Redis, bounded. */
export interface PendingDrops {
  /** Remembers these, or, where they are too many, wider ones that contain them. */
  add(scopes: readonly string[], viewerId: string | null): void;
  get(scope: string): PendingDrop | undefined;
  first(count: number): PendingDrop[];
  /** Redis has taken it. */
  settle(drop: PendingDrop): void;
  readonly size: number;
}

export function createPendingDrops(overrides: Partial<PendingDropsOptions> = {}): PendingDrops {
  const options = { ...pendingDropsDefaults, ...overrides };
  const pending = new Map<string, { turn: number; viewerId: string | null }>();
  const scopesOfViewer = new Map<string, Set<string>>();
  let turn = 0;

  function remember(scope: string, viewerId: string | null): void {
    turn += 1;
    pending.set(scope, { turn, viewerId });
    if (viewerId === null) return;
    const scopes = scopesOfViewer.get(viewerId) ?? new Set();
    scopesOfViewer.set(viewerId, scopes.add(scope));
  }

  function forget(scope: string): void {
    const viewerId = pending.get(scope)?.viewerId ?? null;
    pending.delete(scope);
    if (viewerId === null) return;
    const scopes = scopesOfViewer.get(viewerId);
    scopes?.delete(scope);
    if (scopes?.size === 0) scopesOfViewer.delete(viewerId);
  }

  return {
    add(scopes, viewerId) {
      // A tag is everybody's, whoever's write it was that dropped it.
      for (const scope of scopes) remember(scope, isPersonal(scope) ? viewerId : null);
      const ofViewer = viewerId === null ? undefined : scopesOfViewer.get(viewerId);
      if (viewerId !== null && ofViewer !== undefined && ofViewer.size > options.maxPerViewer) {
        for (const scope of ofViewer) forget(scope);
        remember(viewerScope(viewerId), viewerId);
      }
      if (pending.size > options.max) {
        pending.clear();
        scopesOfViewer.clear();
        remember(rootScope, null);
      }
    },
    get(scope) {
      const drop = pending.get(scope);
      return drop === undefined ? undefined : { scope, turn: drop.turn };
    },
    first: (count) => [...pending].slice(0, count).map(([scope, drop]) => ({ scope, turn: drop.turn })),
    settle(drop) {
      if (pending.get(drop.scope)?.turn === drop.turn) forget(drop.scope);
    },
    get size() {
      return pending.size;
    },
  };
}
