import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CircuitBreaker, createCircuitBreaker, type Permit } from '../../../shared/downstream/circuit-breaker.ts';
import { defaultServicePolicy } from '../../../shared/downstream/policy.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function setUp(policy: Partial<typeof defaultServicePolicy> = {}, random: () => number = () => 0.5) {
  const clock = createFakeClock();
  const transitions: string[] = [];
  const breaker = createCircuitBreaker(
    { clock, random, onTransition: (from, to) => transitions.push(`${from}>${to}`) },
    { ...defaultServicePolicy, ...policy },
  );
  return { clock, breaker, transitions };
}

function fail(breaker: CircuitBreaker, times: number): void {
  for (let i = 0; i < times; i++) breaker.report(breaker.enter(), 'failure');
}

function succeed(breaker: CircuitBreaker, times: number): void {
  for (let i = 0; i < times; i++) breaker.report(breaker.enter(), 'success');
}

function open(policy: Partial<typeof defaultServicePolicy> = {}) {
  const set = setUp(policy);
  fail(set.breaker, 5);
  return set;
}

describe('closed', () => {
  test('opens at the fifth failure of five', () => {
    const { breaker } = setUp();
    fail(breaker, 4);
    expect(breaker.state()).toBe('closed');
    fail(breaker, 1);
    expect(breaker.state()).toBe('open');
    expect(breaker.enter().kind).toBe('reject');
  });

  test('stays closed while fewer than half fail, however many that are', () => {
    const { breaker } = setUp();
    for (let i = 0; i < 100; i++) {
      succeed(breaker, 3);
      fail(breaker, 2);
    }
    expect(breaker.state()).toBe('closed');
  });

  test('opens at half', () => {
    const { breaker } = setUp();
    succeed(breaker, 5);
    fail(breaker, 4);
    expect(breaker.state()).toBe('closed');
    fail(breaker, 1);
    expect(breaker.state()).toBe('open');
  });

  test('forgets failures after ten seconds', () => {
    const { clock, breaker } = setUp();
    fail(breaker, 4);
    clock.advanceSync(10_000);
    fail(breaker, 4);
    expect(breaker.state()).toBe('closed');
  });

  test.each([0, 1, 250, 499, 950, 999])(
    'remembers a failure of 9.9 s ago, wherever %i ms into a second it was',
    (at) => {
      const { clock, breaker } = setUp();
      clock.advanceSync(at);
      for (let i = 0; i < 4; i++) {
        fail(breaker, 1);
        clock.advanceSync(2475);
      }
      fail(breaker, 1);
      expect(breaker.state()).toBe('open');
    },
  );

  test('counts a call that shows nothing neither way', () => {
    const { breaker } = setUp();
    for (let i = 0; i < 100; i++) breaker.report(breaker.enter(), 'nothing');
    fail(breaker, 5);
    expect(breaker.state()).toBe('open');
  });
});

describe('open', () => {
  test('lets nothing through for its time', () => {
    const { clock, breaker } = open();
    clock.advanceSync(59_999);
    expect(breaker.enter().kind).toBe('reject');
    expect(breaker.openForMs()).toBe(1);
    clock.advanceSync(1);
    expect(breaker.enter().kind).toBe('probe');
  });

  test('stays open for its time give or take a fifth', () => {
    for (const [random, ms] of [
      [0, 48_000],
      [1, 72_000],
    ] as const) {
      const { breaker } = setUp({}, () => random);
      fail(breaker, 5);
      expect(breaker.openForMs()).toBe(ms);
    }
  });

  test('a thousand failures in the instant of opening open it once, and the reset still comes', () => {
    const { clock, breaker, transitions } = setUp();
    const permits = Array.from({ length: 1000 }, () => breaker.enter());
    for (const permit of permits) breaker.report(permit, 'failure');
    expect(transitions).toEqual(['closed>open']);
    clock.advanceSync(60_000);
    expect(breaker.enter().kind).toBe('probe');
  });

  test('late failures of calls from before do not lengthen it', () => {
    const { clock, breaker } = setUp();
    const late = Array.from({ length: 20 }, () => breaker.enter());
    fail(breaker, 5);
    clock.advanceSync(59_000);
    for (const permit of late) breaker.report(permit, 'failure');
    clock.advanceSync(1000);
    expect(breaker.enter().kind).toBe('probe');
  });

  test('a jump of the wall clock moves nothing', () => {
    const { clock, breaker } = open();
    clock.jumpWall(3_600_000);
    expect(breaker.enter().kind).toBe('reject');
    clock.jumpWall(-7_200_000);
    clock.advanceSync(60_000);
    expect(breaker.enter().kind).toBe('probe');
  });
});

describe('half-open', () => {
  function halfOpen() {
    const set = open();
    set.clock.advanceSync(60_000);
    return set;
  }

  test('of a thousand callers one goes through', () => {
    const { breaker } = halfOpen();
    const kinds = Array.from({ length: 1000 }, () => breaker.enter().kind);
    expect(kinds.filter((kind) => kind === 'probe')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'reject')).toHaveLength(999);
  });

  test('closes after three successes, whatever the volume', () => {
    const { clock, breaker, transitions } = halfOpen();
    for (let i = 0; i < 3; i++) {
      expect(breaker.state()).not.toBe('closed');
      clock.advanceSync(30_000);
      succeed(breaker, 1);
    }
    expect(transitions).toEqual(['closed>open', 'open>half-open', 'half-open>closed']);
  });

  test('ok, ok, fail opens it again', () => {
    const { breaker } = halfOpen();
    succeed(breaker, 2);
    fail(breaker, 1);
    expect(breaker.state()).toBe('open');
    expect(breaker.openForMs()).toBe(60_000);
  });

  test('starts its three successes anew after it opened again', () => {
    const { clock, breaker } = halfOpen();
    succeed(breaker, 2);
    fail(breaker, 1);
    clock.advanceSync(60_000);
    succeed(breaker, 2);
    expect(breaker.state()).toBe('half-open');
    succeed(breaker, 1);
    expect(breaker.state()).toBe('closed');
  });

  test('a probe that hangs holds it up for the lease and no longer', () => {
    const { clock, breaker } = halfOpen();
    breaker.enter();
    clock.advanceSync(4999);
    expect(breaker.enter().kind).toBe('reject');
    clock.advanceSync(1);
    expect(breaker.enter().kind).toBe('probe');
  });

  test('a probe that answers after the next one has started decides nothing', () => {
    const { clock, breaker } = halfOpen();
    const hung = breaker.enter();
    clock.advanceSync(5000);
    const second = breaker.enter();
    breaker.report(hung, 'failure');
    expect(breaker.state()).toBe('half-open');
    breaker.report(second, 'success');
    breaker.report(hung, 'success');
    succeed(breaker, 1);
    expect(breaker.state()).toBe('half-open');
  });

  test('a probe that shows nothing makes room for another', () => {
    const { breaker } = halfOpen();
    breaker.report(breaker.enter(), 'nothing');
    expect(breaker.enter().kind).toBe('probe');
  });

  test('successes of calls from before it opened do not close it', () => {
    const { clock, breaker } = setUp();
    const early = Array.from({ length: 10 }, () => breaker.enter());
    fail(breaker, 5);
    clock.advanceSync(60_000);
    breaker.enter();
    for (const permit of early) breaker.report(permit, 'success');
    expect(breaker.state()).toBe('half-open');
  });

  test('failures of calls from before it opened are not held against it once it is closed again', () => {
    const { clock, breaker } = setUp();
    const early = Array.from({ length: 10 }, () => breaker.enter());
    fail(breaker, 5);
    clock.advanceSync(60_000);
    succeed(breaker, 3);
    for (const permit of early) breaker.report(permit, 'failure');
    expect(breaker.state()).toBe('closed');
  });

  test('starts closed with nothing on its account', () => {
    const { breaker } = halfOpen();
    succeed(breaker, 3);
    fail(breaker, 4);
    expect(breaker.state()).toBe('closed');
  });
});

describe('any schedule', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('enter' as const) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('report' as const),
        which: fc.nat(),
        verdict: fc.constantFrom('success' as const, 'failure' as const, 'failure' as const, 'nothing' as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 900, 5000, 30_000, 60_000) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -4e6, max: 4e6 }) }) },
  );

  test('behaves as the model does, and is never stuck', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        // Few are enough for a change, so that a schedule sees many.
        const { clock, breaker } = setUp({ breakerFailures: 2, breakerCloseAfter: 2 });
        const model = createModel();
        const seen: string[] = [];
        const expected: string[] = [];
        const under: { permit: Permit; token: number }[] = [];
        for (const action of steps) {
          if (action.do === 'wait') clock.advanceSync(action.ms);
          else if (action.do === 'jump') clock.jumpWall(action.ms);
          else if (action.do === 'enter') {
            const permit = breaker.enter();
            const told = model.enter(clock.nowMs());
            seen.push(permit.kind);
            expected.push(told.kind);
            if (permit.kind !== 'reject') under.push({ permit, token: told.token });
          } else if (under.length > 0) {
            const [{ permit, token }] = under.splice(action.which % under.length, 1) as [(typeof under)[number]];
            breaker.report(permit, action.verdict);
            model.report(token, { verdict: action.verdict, nowMs: clock.nowMs() });
          }
          seen.push(breaker.state());
          expected.push(model.state());
        }
        expect(seen).toEqual(expected);
        // However it stands: a service that is well again is used again, without any caller's help but asking.
        clock.advanceSync(60_000 + 5000);
        for (let i = 0; i < 3; i++) breaker.report(breaker.enter(), 'success');
        clock.advanceSync(5000);
        expect(breaker.enter().kind).not.toBe('reject');
      }),
      { numRuns: 500 },
    );
  });
});

/** The rules as plainly as they can be written, for two failures and two successes: every report is kept, and counted by the second. */
function createModel() {
  let state: 'closed' | 'open' | 'half-open' = 'closed';
  let era = 0;
  let reports: { second: number; isFailure: boolean }[] = [];
  let openUntilMs = 0;
  let probe: { token: number; untilMs: number } | null = null;
  let successes = 0;
  let tokens = 0;
  const eraOf = new Map<number, number>();

  function become(next: typeof state, nowMs: number): void {
    state = next;
    era++;
    reports = [];
    probe = null;
    successes = 0;
    if (next === 'open') openUntilMs = nowMs + 60_000;
  }

  return {
    state: () => state,
    enter(nowMs: number): { kind: Permit['kind']; token: number } {
      const token = tokens++;
      if (state === 'open' && nowMs >= openUntilMs) become('half-open', nowMs);
      if (state === 'open' || (probe && nowMs < probe.untilMs)) return { kind: 'reject', token };
      eraOf.set(token, era);
      if (state === 'closed') return { kind: 'pass', token };
      probe = { token, untilMs: nowMs + 5000 };
      return { kind: 'probe', token };
    },
    report(token: number, { verdict, nowMs }: { verdict: string; nowMs: number }): void {
      if (eraOf.get(token) !== era) return;
      if (state === 'half-open') {
        if (probe?.token !== token) return;
        probe = null;
        if (verdict === 'failure') become('open', nowMs);
        else if (verdict === 'success' && ++successes === 2) become('closed', nowMs);
        return;
      }
      if (verdict === 'nothing') return;
      const second = Math.floor(nowMs / 1000);
      reports.push({ second, isFailure: verdict === 'failure' });
      const recent = reports.filter((report) => report.second > second - 10);
      const failures = recent.filter((report) => report.isFailure).length;
      if (verdict === 'failure' && failures >= 2 && failures / recent.length >= 0.5) become('open', nowMs);
    },
  };
}
