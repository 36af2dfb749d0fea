import type { Clock } from '../clock.ts';
import type { RedisGateway } from '../redis/redis-gateway.ts';
import { nameAfterDrop } from './generation-name.ts';
import type { Generations } from './generations.ts';
import { createPendingDrops, type PendingDrop, type PendingDropsOptions } from './pending-drops.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisNames } from './redis-names.ts';
import { roundTrip, type Step } from './redis-round-trip.ts';
import { rootScope, viewerScope } from './scopes.ts';

export interface RedisDropsDeps {
  readonly clock: Clock;
  readonly gateway: RedisGateway;
  readonly keys: RedisKeys;
  readonly generations: Generations;
  readonly names: RedisNames;
  /** How many drops Redis has not taken yet. */
  readonly onPending: (count: number) => void;
}

export interface RedisDropsOptions {
  readonly limitMs: number;
  readonly pending: Partial<PendingDropsOptions>;
}

/** Tells Redis, and by it every process, what was dropped, for as long as it takes. */
export interface RedisDrops {
  /** Resolves when Redis has taken these, or after at most two round trips; what it has not taken by then waits for its return. */
  drop(scopes: readonly string[], viewerId: string | null): Promise<void>;
  isPending(scope: string): boolean;
  /** The command that makes up for this scope's drop, to go before whatever asks for its entries; undefined where none is due. */
  stepFor(scope: string): Step | undefined;
  /** Redis is back: makes up for everything. */
  makeUp(): Promise<void>;
  close(): void;
}

const dropsPerRoundTrip = 500;
/** A Redis that missed one answer without being given up tells nobody that it is well again. */
const retryEveryMs = 250;

export function createRedisDrops(deps: RedisDropsDeps, options: RedisDropsOptions): RedisDrops {
  const { clock, gateway, keys, generations, names } = deps;
  let toldSize = 0;
  let cancelRetry: (() => void) | undefined;
  let isClosed = false;
  const pending = createPendingDrops(options.pending);

  function tell(): void {
    if (pending.size === toldSize) return;
    toldSize = pending.size;
    deps.onPending(toldSize);
  }

  function settle(drop: PendingDrop): void {
    pending.settle(drop);
    if (pending.size === 0) tell();
  }

  /** The scope's next generation gets its name: whatever carries the last one's is a miss from now on. */
  function nameStep(drop: PendingDrop, onFull?: (drop: PendingDrop) => void): Step {
    const token = nameAfterDrop();
    const generation = generations.of(drop.scope);
    const { era } = generations;
    return {
      issue: (redis) => names.write(redis, drop.scope, token),
      took(reply) {
        if (reply.status === 'rejected') {
          if (String(reply.reason).includes('OOM ')) onFull?.(drop);
          return;
        }
        generations.confirm(generation, token, era);
        settle(drop);
      },
    };
  }

  /** A full Redis takes no new name, but the last one can be removed: entries without a name are misses too. */
  function removalStep(drop: PendingDrop): Step {
    return {
      issue: (redis) => redis.unlink(keys.generation(drop.scope)),
      took: (reply) => void (reply.status === 'fulfilled' && settle(drop)),
    };
  }

  async function take(drops: readonly PendingDrop[]): Promise<void> {
    const refused: PendingDrop[] = [];
    await roundTrip(
      gateway,
      drops.map((drop) => nameStep(drop, (full) => refused.push(full))),
      options.limitMs,
    );
    await roundTrip(gateway, refused.map(removalStep), options.limitMs);
  }

  async function makeUp(): Promise<void> {
    cancelRetry?.();
    cancelRetry = undefined;
    while (gateway.isAvailable && pending.size > 0) {
      const sizeBefore = pending.size;
      await take(pending.first(dropsPerRoundTrip));
      tell();
      if (pending.size >= sizeBefore) break;
    }
    retryLater();
  }

  function retryLater(): void {
    if (pending.size === 0 || isClosed) return;
    cancelRetry ??= clock.schedule(retryEveryMs, () => {
      cancelRetry = undefined;
      void makeUp();
    });
  }

  return {
    async drop(scopes, viewerId) {
      // Remembered before Redis is asked, so that no read in between trusts a name that is on its way out.
      pending.add(scopes, viewerId);
      const wider = viewerId === null ? [rootScope] : [viewerScope(viewerId), rootScope];
      await take([...scopes, ...wider].flatMap((scope) => pending.get(scope) ?? []));
      tell();
      retryLater();
    },
    isPending: (scope) => pending.get(scope) !== undefined,
    stepFor(scope) {
      const drop = pending.get(scope);
      return drop && nameStep(drop);
    },
    makeUp,
    close() {
      isClosed = true;
      cancelRetry?.();
    },
  };
}
