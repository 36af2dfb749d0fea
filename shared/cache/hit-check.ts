import type { Clock } from '../clock.ts';
import type { Entry } from './entry.ts';
import { stateOf } from './generations.ts';
import type { Hit, HitLog, HitPlan } from './hit-log.ts';
import { isFresh, isServedAsIs } from './sourced-records.ts';

export interface HitCheckDeps {
  readonly clock: Clock;
  /** What memory holds for this key and may be shown to whoever asks by it. */
  readonly held: (plan: HitPlan, key: string) => Entry | undefined;
  readonly isUnderWay: (key: string) => boolean;
  /** Whether a call to this service would be let out. */
  readonly isAsked: (service: string) => boolean;
  /** Whether a read that something stands in for would wait for its service all the same. */
  readonly mayAnswer: (plan: HitPlan) => boolean;
}

/** Tells whether all that a request was served would be served so again, to no service's cost. */
export function createHitCheck({ clock, held, isUnderWay, isAsked, mayAnswer }: HitCheckDeps) {
  function stillStandsIn({ plan, key, entryId, standin }: Hit): boolean {
    if (standin === 'unasked' && isAsked(plan.service)) return false;
    if (standin === 'awaited' && !isUnderWay(key)) return false;
    const entry = held(plan, key);
    return (entry?.id ?? 0) === entryId && (entry === undefined || stateOf(entry.generations) === 'current');
  }

  /** Whether a part that is due is within its revalidate window and seen to; what nobody would wait for may be late. */
  function isSeenTo({ plan, key }: Hit, entry: Entry, hits: HitLog): boolean {
    const nowMs = clock.nowMs();
    const mayBeLate = !mayAnswer(plan) && nowMs < entry.fetchedAtMs + plan.minKeptMs;
    const judgedAtMs = mayBeLate ? nowMs - hits.toleranceMs : nowMs;
    if (!isServedAsIs(plan, entry, judgedAtMs)) return false;
    return isUnderWay(key) || (!isAsked(plan.service) && hits.toleratesUnasked(nowMs));
  }

  return (hits: HitLog): boolean => {
    const nowMs = clock.nowMs();
    return hits.holds(nowMs, (hit) => {
      if (hit.standin !== undefined) return stillStandsIn(hit);
      const entry = held(hit.plan, hit.key);
      if (entry === undefined || !(isFresh(hit.plan, entry, nowMs) || isSeenTo(hit, entry, hits))) return false;
      return hits.isDated ? entry.id === hit.entryId : entry.contentId === hit.contentId;
    });
  };
}
