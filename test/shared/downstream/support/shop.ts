import { expect } from 'vitest';
import type { Endpoint } from '../../../../shared/downstream/endpoint.ts';
import type { ServicePolicy } from '../../../../shared/downstream/policy.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createScope, outcome, read, type ScopeOptions } from './calls.ts';
import { createScriptedService, type Reaction, type ScriptOptions } from './scripted-service.ts';

export const ok = { status: 200, body: { fine: true } } satisfies Reaction;
export const unavailable = { status: 503 } satisfies Reaction;

/** A scripted service on a fake clock, with what most tests ask of it. */
export function setUpShop(options: Omit<ScriptOptions, 'clock'> = {}) {
  const clock = createFakeClock();
  const transitions: string[] = [];
  const shop = createScriptedService({
    clock,
    ...options,
    events: { onTransition: ({ from, to }) => transitions.push(`${from}>${to}`), ...options.events },
  });
  const call = (endpoint: Endpoint = read, over: ScopeOptions = {}) =>
    shop.downstream.call(endpoint, {}, createScope({ clock, ...over }));
  /** Runs one call to its end, and no further. */
  async function run(endpoint: Endpoint = read, over: ScopeOptions = {}): Promise<number | string> {
    const ended: (number | string)[] = [];
    void outcome(call(endpoint, over)).then((one) => ended.push(one));
    for (let i = 0; i < 2000 && ended.length === 0; i++) await clock.advance(10);
    return ended[0] ?? 'it never ended';
  }
  return { clock, shop, call, run, transitions, state: () => shop.downstream.snapshot()[0]?.breaker.state };
}

/** The same after five failed calls, each without retries and a second apart, have opened its breaker. */
export async function setUpOpenShop(policy: Partial<ServicePolicy> = {}) {
  const set = setUpShop({ policy: { attempts: 1, ...policy } });
  set.shop.react = () => unavailable;
  for (let i = 0; i < 5; i++) {
    const ended = outcome(set.call());
    await set.clock.advance(1000);
    await ended;
  }
  expect(set.state()).toBe('open');
  set.shop.received.length = 0;
  return set;
}

/** Chances that are the same in every run. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
