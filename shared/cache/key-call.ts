import type { Entry } from './entry.ts';
import type { Flight } from './flight.ts';
import type { Generation } from './generations.ts';
import type { Outcome } from './sourced-records.ts';

/** One key on its way from Redis or the service, for everybody who asks for it meanwhile. */
export interface KeyCall {
  readonly key: string;
  /** What the read knows it by. */
  readonly asked: unknown;
  readonly flight: Flight;
  /** As they were before the service was asked; once one is dropped, nobody joins this call any more and its answer is not kept. */
  generations: readonly Generation[];
  /** The best that may stand in. */
  kept: Entry | undefined;
  isSettled: boolean;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  settle(outcome: Outcome): void;
  /** Somebody waits for it: it must not be left to another process. */
  demand(): void;
  readonly isDemanded: boolean;
  readonly demanded: Promise<void>;
}

export type KeyCallStart = Pick<KeyCall, 'key' | 'asked' | 'flight' | 'generations' | 'kept'>;

/** A call nothing has been asked for yet; `onSettled` runs once, before anybody who waits goes on. */
export function createKeyCall(start: KeyCallStart, onSettled: (call: KeyCall) => void): KeyCall {
  const outcome = Promise.withResolvers<Outcome>();
  const demanded = Promise.withResolvers<void>();
  let isDemanded = false;
  const call: KeyCall = {
    ...start,
    isSettled: false,
    outcome: outcome.promise,
    demanded: demanded.promise,
    settle(settled) {
      if (call.isSettled) return;
      call.isSettled = true;
      start.flight.alight();
      onSettled(call);
      outcome.resolve(settled);
    },
    demand() {
      isDemanded = true;
      demanded.resolve();
    },
    get isDemanded() {
      return isDemanded;
    },
  };
  start.flight.board();
  return call;
}
