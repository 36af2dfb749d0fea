import { LRUCache } from 'lru-cache';

/**
 * Everything that can be dropped at once (a viewer, a viewer's read, a tag) is a scope, and what a scope holds between two
 * drops is a generation. An entry remembers its generations from before it was fetched, so one check tells whether anything
 * has dropped it since, whenever its refill arrives: an invalidation that races a refill wins.
 */
export interface Generation {
  readonly scope: string;
  /** What Redis calls this generation; undefined as long as it has not said so. */
  token: string | undefined;
  isDropped: boolean;
  /** The era in which it was last known to be current. */
  verifiedIn: number;
  readonly era: Era;
}

/** The time between two breaks in what other processes tell; without Redis there is one only. */
interface Era {
  count: number;
}

/** `unverified`: drops by other processes may have been missed; not to be served without asking, still good when all else fails. */
export type GenerationState = 'current' | 'unverified' | 'dropped';

export interface Generations {
  /** The generation of this scope as of now; begins one where none is known. */
  of(scope: string): Generation;
  /** Ends the generation of this scope: what was fetched in it is never served again. */
  drop(scope: string): void;
  /**
   * Redis called this scope's generation so in that era: the given one, if that was its name or it had none, else a new one.
   * What it said before a break in what is heard may be outdated, and changes nothing.
   */
  confirm(generation: Generation, token: string, era: number): Generation;
  /** Others may have dropped anything unnoticed. */
  beginEra(): void;
  readonly era: number;
}

/** Keeps the generations of at most `maxScopes` scopes; one that is pushed out counts as dropped, which costs a refill and nothing else. */
export function createGenerations(maxScopes: number): Generations {
  const era: Era = { count: 0 };
  const known = new LRUCache<string, Generation>({
    max: maxScopes,
    dispose: (generation) => {
      generation.isDropped = true;
    },
  });

  function begin(scope: string, token: string | undefined): Generation {
    const begun: Generation = { scope, token, isDropped: false, verifiedIn: era.count, era };
    known.set(scope, begun);
    return begun;
  }

  return {
    of(scope) {
      const generation = known.get(scope);
      if (generation === undefined) return begin(scope, undefined);
      // Nothing can tell any more whether this one is still current.
      if (generation.token === undefined && generation.verifiedIn !== era.count) return begin(scope, undefined);
      return generation;
    },
    drop: (scope) => void known.delete(scope),
    confirm(generation, token, askedIn) {
      if (generation.isDropped || askedIn !== era.count) return generation;
      if (generation.token !== undefined && generation.token !== token) return begin(generation.scope, token);
      generation.token = token;
      generation.verifiedIn = era.count;
      return generation;
    },
    beginEra() {
      era.count += 1;
    },
    get era() {
      return era.count;
    },
  };
}

/** The worst state among these generations. */
export function stateOf(generations: readonly Generation[]): GenerationState {
  let worst: GenerationState = 'current';
  for (const generation of generations) {
    if (generation.isDropped) return 'dropped';
    if (generation.verifiedIn !== generation.era.count) worst = 'unverified';
  }
  return worst;
}
