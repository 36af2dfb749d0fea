import { growingLru } from '../memory.ts';
import { isBeginning } from './generation-name.ts';
import { isPersonal } from './scopes.ts';

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
  /** Redis has another name for it, or none: whether that is for a drop only Redis can tell. */
  isOutdated: boolean;
  /** The one before, as long as Redis has not told why there is another. */
  predecessor: Generation | undefined;
  /** The era in which it was last known to be current. */
  verifiedIn: number;
  readonly era: Era;
}

/** The time between two breaks in what other processes tell; without Redis there is one only. */
interface Era {
  count: number;
}

/**
 * `unverified`: drops by other processes may have been missed; not to be served without asking, still good when all else fails.
 * `outdated`: the same, and for good.
 */
export type GenerationState = 'current' | 'unverified' | 'outdated' | 'dropped';

export interface Generations {
  /** The generation of this scope as of now; begins one where none is known. */
  of(scope: string): Generation;
  /** Ends the generation of this scope: what was fetched in it is never served again. */
  drop(scope: string): void;
  /** Its name in Redis was changed, evicted or has expired: it ends, and Redis is asked what became of it. A viewer's is dropped. */
  outdate(scope: string): void;
  /**
   * Redis called this scope's generation so in that era: the given one, if that was its name or it had none, else a new one. A
   * name that follows a drop drops what went before; one that only shows that Redis forgot the last does so for viewers alone.
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
  const known = growingLru<Generation>(maxScopes, {
    dispose: (generation, _scope, reason) => {
      if (reason !== 'set') end(generation);
    },
  });

  function begin(scope: string, token: string | undefined, predecessor?: Generation): Generation {
    const begun: Generation = {
      scope,
      token,
      isDropped: false,
      isOutdated: false,
      predecessor,
      verifiedIn: era.count,
      era,
    };
    known.set(scope, begun);
    return begun;
  }

  function end(generation: Generation): void {
    generation.isDropped = true;
    if (generation.predecessor !== undefined) generation.predecessor.isDropped = true;
    generation.predecessor = undefined;
  }

  return {
    of(scope) {
      const generation = known.get(scope);
      if (generation === undefined) return begin(scope, undefined);
      if (generation.isOutdated) return begin(scope, undefined, generation);
      // Nothing can tell any more whether this one is still current.
      if (generation.token === undefined && generation.verifiedIn !== era.count) {
        end(generation);
        return begin(scope, undefined);
      }
      return generation;
    },
    drop: (scope) => void known.delete(scope),
    outdate(scope) {
      const generation = known.peek(scope);
      if (generation === undefined) return;
      if (isPersonal(scope)) return void known.delete(scope);
      generation.isOutdated = true;
      // One step back is remembered, not a chain of them.
      if (generation.predecessor !== undefined) generation.predecessor.isDropped = true;
      generation.predecessor = undefined;
    },
    confirm(generation, token, askedIn) {
      if (generation.isDropped || generation.isOutdated || askedIn !== era.count) return generation;
      const { scope, predecessor } = generation;
      const isForgotten = isBeginning(token) && !isPersonal(scope);
      if (generation.token !== undefined && generation.token !== token) {
        if (isForgotten) generation.isOutdated = true;
        else end(generation);
        return begin(scope, token);
      }
      if (predecessor !== undefined && predecessor.token !== token && !isForgotten) predecessor.isDropped = true;
      generation.predecessor = undefined;
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

/** Whether something has ended one of these generations: what was asked for in them is nobody else's answer, and not kept. */
export function areOver(generations: readonly Generation[]): boolean {
  return generations.some(({ isDropped, isOutdated }) => isDropped || isOutdated);
}

/** The worst state among these generations. */
export function stateOf(generations: readonly Generation[]): GenerationState {
  let worst: GenerationState = 'current';
  for (const generation of generations) {
    if (generation.isDropped) return 'dropped';
    if (generation.isOutdated) worst = 'outdated';
    else if (worst === 'current' && generation.verifiedIn !== generation.era.count) worst = 'unverified';
  }
  return worst;
}
