import { describe, expect, test } from 'vitest';
import { createCallReport } from '../../../shared/downstream/call-report.ts';
import { isOutcomeUnknown } from '../../../shared/downstream/failure.ts';
import type { ServicePolicy } from '../../../shared/downstream/policy.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createScope, failureOf, hedgedRead, idempotentWrite, outcome, read, write } from './support/calls.ts';
import { createScriptedService, type Reaction, type ScriptOptions } from './support/scripted-service.ts';

function setUp(options: Omit<ScriptOptions, 'clock'> = {}) {
  const clock = createFakeClock();
  const transitions: string[] = [];
  const shop = createScriptedService({
    clock,
    ...options,
    events: { onTransition: ({ from, to }) => transitions.push(`${from}>${to}`), ...options.events },
  });
  const call = (endpoint = read, over: Parameters<typeof createScope>[0] = {}) =>
    shop.downstream.call(endpoint, {}, createScope({ clock, ...over }));
  /** Runs one call to its end, and no further. */
  async function run(endpoint = read, over: Parameters<typeof createScope>[0] = {}): Promise<number | string> {
    let ended: number | string | undefined;
    void outcome(call(endpoint, over)).then((one) => {
      ended = one;
    });
    for (let i = 0; i < 2000 && ended === undefined; i++) await clock.advance(10);
    return ended ?? 'it never ended';
  }
  return { clock, shop, call, run, transitions, state: () => shop.downstream.snapshot()[0]?.breaker.state };
}

const ok: Reaction = { status: 200, body: { fine: true } };
const unavailable: Reaction = { status: 503 };

/** Opens the breaker of a service that fails, without retries. */
async function setUpOpen(policy: Partial<ServicePolicy> = {}) {
  const set = setUp({ policy: { attempts: 1, ...policy } });
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

describe('retries', () => {
  test('F01: one 503 and then an answer is an answer, in two calls', async () => {
    const { shop, run } = setUp();
    shop.react = (_request, index) => (index === 0 ? unavailable : ok);
    expect(await run()).toBe(200);
    expect(shop.received).toHaveLength(2);
  });

  test('F02: three attempts at most, and then the circuit opens and nothing is asked', async () => {
    const { shop, run, call, clock } = setUp();
    shop.react = () => unavailable;
    expect(await run()).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(shop.received).toHaveLength(3);
    const ended = [1, 2, 3, 4].map(() => outcome(call()));
    await clock.advance(1000);
    await Promise.all(ended);
    const before = shop.received.length;
    expect(await outcome(call())).toBe('CIRCUIT_OPEN');
    expect(shop.received).toHaveLength(before);
  });

  test('F03: a 500 on a write without a key is asked once', async () => {
    const { shop, run } = setUp();
    shop.react = () => ({ status: 500 });
    expect(await run(write)).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(shop.received).toHaveLength(1);
  });

  test('a write with a key, or one that may be repeated, is repeated under the same key', async () => {
    const { clock, shop, run } = setUp();
    shop.react = (_request, index) => (index % 2 === 0 ? unavailable : ok);
    expect(await run(idempotentWrite)).toBe(200);
    const ended = shop.downstream.call(write, { idempotencyKey: 'key-1', body: { a: 1 } }, createScope({ clock }));
    await clock.advance(1000);
    expect((await ended).status).toBe(200);
    expect(shop.received.slice(2).map((request) => [request.headers['idempotency-key'], request.body])).toEqual([
      ['key-1', '{"a":1}'],
      ['key-1', '{"a":1}'],
    ]);
  });

  test('a write that was never sent is repeated without a key', async () => {
    const { shop, run } = setUp();
    shop.react = (_request, index) => (index === 0 ? { error: 'ECONNREFUSED', isUnsent: true } : ok);
    expect(await run(write)).toBe(200);
    expect(shop.received).toHaveLength(2);
  });

  test('each attempt goes to another instance', async () => {
    const { shop, run } = setUp({ instances: ['a', 'b', 'c'] });
    shop.react = () => unavailable;
    await run();
    expect(shop.received.map((request) => request.instance).toSorted()).toEqual(['a', 'b', 'c']);
  });

  test.each([
    [400, 'BAD_USER_INPUT'],
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [410, 'NOT_FOUND'],
    [409, 'CONFLICT'],
    [412, 'CONFLICT'],
    [413, 'BAD_USER_INPUT'],
    [422, 'BAD_USER_INPUT'],
  ])('F04, F05: a %i is %s, asked once, and leaves the breaker alone', async (status, code) => {
    const { shop, run, state } = setUp();
    shop.react = () => ({ status, body: { type: 'https://shop.example/problems/x' } });
    for (let i = 0; i < 20; i++) expect(await run()).toBe(code);
    expect(shop.received).toHaveLength(20);
    expect(state()).toBe('closed');
  });

  test('a refusal carries its status and problem, for our own code', async () => {
    const { shop, call, clock } = setUp();
    shop.react = () => ({ status: 409, body: { type: 'x' } });
    const failed = failureOf(call());
    await clock.advance(10);
    expect(await failed).toMatchObject({ status: 409, problem: { type: 'x' }, service: 'shop' });
  });

  test('a 4xx that the endpoint declares is an answer', async () => {
    const { shop, clock } = setUp();
    shop.react = () => ({ status: 409, body: { type: 'x' } });
    const ended = shop.downstream.call({ ...read, answers: [409] }, {}, createScope({ clock }));
    await clock.advance(10);
    expect(await ended).toMatchObject({ status: 409, body: { type: 'x' } });
  });

  test('F06: a 429 with a Retry-After beyond the deadline is not repeated', async () => {
    const { shop, call, clock, state } = setUp();
    shop.react = () => ({ status: 429, headers: { 'retry-after': '7' } });
    for (let i = 0; i < 6; i++) {
      const failed = failureOf(call(read, { budgetMs: 3000 }));
      await clock.advance(100);
      expect(await failed).toMatchObject({ code: 'DOWNSTREAM_RATE_LIMITED', retryAfterSeconds: 7 });
    }
    expect(shop.received).toHaveLength(6);
    expect(state()).toBe('closed');
  });

  test('a Retry-After that fits is waited for', async () => {
    const { shop, run } = setUp();
    shop.react = (_request, index) => (index === 0 ? { status: 429, headers: { 'retry-after': '2' } } : ok);
    expect(await run()).toBe(200);
    expect(shop.received[1]?.atMs).toBe(2050);
  });

  test('a 429 that does not say when is not repeated', async () => {
    const { shop, run } = setUp();
    shop.react = () => ({ status: 429 });
    expect(await run()).toBe('DOWNSTREAM_RATE_LIMITED');
    expect(shop.received).toHaveLength(1);
  });

  test('a wait that would leave no time for the attempt is not begun', async () => {
    const { shop, call, clock } = setUp({ random: () => 0.99 });
    shop.react = () => ({ ...unavailable, afterMs: 850 });
    const ended = outcome(call(read, { budgetMs: 1000 }));
    await clock.advance(850);
    expect(await ended).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(shop.received).toHaveLength(1);
  });

  test('the wait before a retry ends when the client goes away', async () => {
    const client = new AbortController();
    const { shop, call, clock } = setUp();
    shop.react = () => unavailable;
    const ended = outcome(call(read, { client: client.signal }));
    await clock.advance(10);
    client.abort();
    expect(await ended).toBe('DEADLINE_EXCEEDED');
    await clock.advance(5000);
    expect(shop.received).toHaveLength(1);
  });

  test('attempts 1 switches them off', async () => {
    const { shop, run } = setUp({ policy: { attempts: 1 } });
    shop.react = (_request, index) => (index === 0 ? unavailable : ok);
    expect(await run()).toBe('DOWNSTREAM_UNAVAILABLE');
  });

  test('F39: when all fail at 500 a second, the service sees a fifth and ten a second more, and no more', async () => {
    const refused: number[] = [];
    const { shop, call, clock } = setUp({
      policy: { hasBreaker: false, maxInFlight: Infinity },
      events: { onRetryRefused: () => refused.push(1) },
    });
    shop.react = () => unavailable;
    const ended: Promise<unknown>[] = [];
    const seconds = 4;
    for (let i = 0; i < 500 * seconds; i += 10) {
      for (let j = 0; j < 10; j++) ended.push(outcome(call()));
      await clock.advance(20);
    }
    expect(shop.received.length).toBeLessThanOrEqual(1.2 * 500 * seconds + 10 * (seconds + 1));
    expect(shop.received.length).toBeGreaterThan(1.19 * 500 * seconds);
    expect(refused.length).toBeGreaterThan(0);
    await clock.advance(5000);
    await Promise.all(ended);
  });
});

describe('deadlines', () => {
  test('no attempt starts with less than 100 ms left', async () => {
    const { shop, call } = setUp();
    expect(await outcome(call(read, { budgetMs: 99 }))).toBe('DEADLINE_EXCEEDED');
    expect(shop.received).toHaveLength(0);
  });

  test('F10: a service that never answers costs the deadline, in two attempts', async () => {
    const { shop, call, clock } = setUp();
    shop.react = () => 'hang';
    const ended = outcome(call(read, { budgetMs: 3000, attemptCapMs: 1500 }));
    await clock.advance(3000);
    expect(await ended).toBe('DEADLINE_EXCEEDED');
    expect(shop.received.map((request) => [request.atMs, request.isAborted])).toEqual([
      [0, true],
      [1550, true],
    ]);
  });

  test('the code is DOWNSTREAM_TIMEOUT when the service’s own time ended it', async () => {
    const { shop, call, clock } = setUp({ policy: { attemptTimeoutMs: 1000 } });
    shop.react = () => 'hang';
    const ended = outcome(call());
    await clock.advance(3200);
    expect(await ended).toBe('DOWNSTREAM_TIMEOUT');
    expect(shop.received).toHaveLength(3);
  });

  test('F42: each hop is told what is left, which shrinks', async () => {
    const { shop, clock } = setUp();
    shop.react = () => ({ ...ok, afterMs: 2000 });
    const scope = createScope({ clock, budgetMs: 5000 });
    const codes: (number | string)[] = [];
    for (let hop = 0; hop < 3; hop++) {
      const ended = outcome(shop.downstream.call(read, {}, scope));
      await clock.advance(2000);
      codes.push(await ended);
    }
    expect(shop.received.map((request) => request.headers['x-request-timeout-ms'])).toEqual(['5000', '3000', '1000']);
    expect(codes).toEqual([200, 200, 'DEADLINE_EXCEEDED']);
  });

  test('F82: a read is aborted when its client goes away', async () => {
    const client = new AbortController();
    const { shop, call, clock, state } = setUp();
    shop.react = () => 'hang';
    const ended = Array.from({ length: 20 }, () => outcome(call(read, { client: client.signal })));
    await clock.advance(2000);
    client.abort();
    expect(new Set(await Promise.all(ended))).toEqual(new Set(['DEADLINE_EXCEEDED']));
    expect(shop.received.every((request) => request.isAborted)).toBe(true);
    expect(state()).toBe('closed');
  });

  test('a client that has already gone is asked nothing for', async () => {
    const { shop, call } = setUp();
    expect(await outcome(call(read, { client: AbortSignal.abort() }))).toBe('DEADLINE_EXCEEDED');
    expect(shop.received).toHaveLength(0);
  });

  test('an attempt that the deadline cut short counts from one second on', async () => {
    for (const [budgetMs, expected] of [
      [999, 'closed'],
      [1000, 'open'],
    ] as const) {
      const { shop, call, clock, state } = setUp({ policy: { attempts: 1 } });
      shop.react = () => 'hang';
      const ended = Array.from({ length: 5 }, () => outcome(call(read, { budgetMs })));
      await clock.advance(budgetMs);
      expect(await Promise.all(ended)).toEqual(Array(5).fill('DEADLINE_EXCEEDED'));
      expect(state()).toBe(expected);
    }
  });

  test('nothing is left behind by calls that have ended', async () => {
    const { shop, run, clock } = setUp();
    shop.react = (_request, index) => [ok, unavailable, 'hang' as const, ok][index % 4] ?? ok;
    for (let i = 0; i < 20; i++) await run();
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
    expect(shop.downstream.snapshot()[0]).toMatchObject({ inFlight: 0, queued: 0 });
  });
});

describe('writes', () => {
  test('F82: a write that was sent runs to its own timeout, whoever goes away', async () => {
    const client = new AbortController();
    const { shop, call, clock } = setUp();
    shop.react = () => 'hang';
    const failed = failureOf(call(write, { client: client.signal }));
    await clock.advance(100);
    client.abort();
    expect(isOutcomeUnknown(await failed)).toBe(true);
    await clock.advance(4800);
    expect(shop.received[0]?.isAborted).toBe(false);
    await clock.advance(200);
    expect(shop.received[0]?.isAborted).toBe(true);
  });

  test('the caller of a write leaves at the deadline, not knowing its outcome, while it goes on', async () => {
    const attempts: string[] = [];
    const { shop, call, clock } = setUp({ events: { onAttempt: ({ outcome }) => attempts.push(outcome) } });
    shop.react = () => ({ ...ok, afterMs: 4000 });
    const failed = failureOf(call(write, { budgetMs: 3000 }));
    await clock.advance(3000);
    const error = await failed;
    expect([error.code, isOutcomeUnknown(error)]).toEqual(['DEADLINE_EXCEEDED', true]);
    await clock.advance(1000);
    expect([shop.received[0]?.isAborted, attempts]).toEqual([false, ['answer']]);
  });

  test('a write that waits to be repeated when its client goes is not sent again', async () => {
    const client = new AbortController();
    const { shop, call, clock } = setUp();
    shop.react = () => unavailable;
    const ended = failureOf(call(idempotentWrite, { client: client.signal }));
    await clock.advance(10);
    client.abort();
    expect(isOutcomeUnknown(await ended)).toBe(false);
    await clock.advance(5000);
    expect(shop.received).toHaveLength(1);
  });

  test.each([
    ['a reset after it was sent', { error: 'ECONNRESET' }, true],
    ['a refused connection', { error: 'ECONNREFUSED', isUnsent: true }, false],
    ['no answer', 'hang', true],
    ['a 500', { status: 500 }, false],
    ['a 503', { status: 503 }, false],
    ['a gateway that lost the answer', { status: 504 }, true],
    ['a 409', { status: 409 }, false],
    ['a 200 that is not JSON', { status: 200, headers: { 'content-type': 'text/html' } }, true],
  ] as [string, Reaction, boolean][])(
    'F90: after %s its outcome is unknown: %3$s',
    async (_name, reaction, isUnknown) => {
      const { shop, call, clock } = setUp();
      shop.react = () => reaction;
      const failed = failureOf(call(write));
      await clock.advance(10_000);
      expect(isOutcomeUnknown(await failed)).toBe(isUnknown);
    },
  );

  test('one lost attempt leaves the outcome unknown, however the last one ended', async () => {
    const { shop, call, clock } = setUp();
    shop.react = (_request, index) => (index === 0 ? { error: 'ECONNRESET' } : { status: 503 });
    const failed = failureOf(call(idempotentWrite));
    await clock.advance(10_000);
    const error = await failed;
    expect([error.code, isOutcomeUnknown(error)]).toEqual(['DOWNSTREAM_UNAVAILABLE', true]);
    expect(isOutcomeUnknown(new Error('wrapped', { cause: error }))).toBe(true);
  });

  test('a read’s outcome is never unknown', async () => {
    const { shop, call, clock } = setUp();
    shop.react = () => ({ error: 'ECONNRESET' });
    const failed = failureOf(call());
    await clock.advance(10_000);
    expect(isOutcomeUnknown(await failed)).toBe(false);
  });
});

describe('the breaker', () => {
  test('counts calls, not attempts: what a retry mends is well', async () => {
    const { shop, run, state } = setUp();
    shop.react = (_request, index) => (index % 2 === 0 ? unavailable : ok);
    for (let i = 0; i < 30; i++) expect(await run()).toBe(200);
    expect(state()).toBe('closed');
  });

  test('F38: one error in ten at volume is mended and never opens it', async () => {
    let seed = 7;
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    const { shop, call, clock, transitions } = setUp({ random });
    shop.react = () => (random() < 0.1 ? unavailable : { ...ok, afterMs: 5 });
    const ended: Promise<number | string>[] = [];
    for (let i = 0; i < 3000; i++) {
      ended.push(outcome(call()));
      if (i % 5 === 4) await clock.advance(10);
    }
    await clock.advance(5000);
    const outcomes = await Promise.all(ended);
    expect(outcomes.filter((one) => one === 200).length / 3000).toBeGreaterThanOrEqual(0.998);
    expect(transitions).toEqual([]);
  });

  test('F34: a probe that hangs is followed by another after its lease', async () => {
    const { shop, call, clock, state } = await setUpOpen();
    shop.react = () => 'hang';
    await clock.advance(60_000);
    expect(await outcome(call())).toBe('CIRCUIT_OPEN');
    expect([state(), shop.received.length]).toEqual(['half-open', 1]);
    expect(await outcome(call())).toBe('CIRCUIT_OPEN');
    expect(shop.received).toHaveLength(1);
    await clock.advance(5000);
    expect(state()).toBe('open');
  });

  test('F35: of a thousand callers at the half-open instant one goes through, in the background', async () => {
    const { shop, call, clock } = await setUpOpen();
    shop.react = () => ({ ...ok, afterMs: 20 });
    await clock.advance(60_000);
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => outcome(call())));
    expect(new Set(outcomes)).toEqual(new Set(['CIRCUIT_OPEN']));
    expect(shop.received).toHaveLength(1);
  });

  test('the client of a probe may go away without ending it', async () => {
    const client = new AbortController();
    const { shop, call, clock } = await setUpOpen();
    shop.react = () => ({ ...ok, afterMs: 20 });
    await clock.advance(60_000);
    await outcome(call(read, { client: client.signal, budgetMs: 150 }));
    client.abort();
    await clock.advance(100);
    expect(shop.received[0]?.isAborted).toBe(false);
  });

  test('closes after three probes that went well', async () => {
    const { shop, call, clock, state, transitions } = await setUpOpen();
    shop.react = () => ok;
    await clock.advance(60_000);
    for (let i = 0; i < 3; i++) {
      expect(await outcome(call())).toBe('CIRCUIT_OPEN');
      await clock.advance(10);
    }
    expect(state()).toBe('closed');
    const ended = outcome(call());
    await clock.advance(10);
    expect(await ended).toBe(200);
    expect(transitions).toEqual(['closed>open', 'open>half-open', 'half-open>closed']);
  });

  test('a probe is one attempt, not three', async () => {
    const { shop, call, clock } = await setUpOpen({ attempts: 3, breakerFailures: 1 });
    shop.react = () => unavailable;
    await clock.advance(60_000);
    await outcome(call());
    await clock.advance(5000);
    expect(shop.received).toHaveLength(1);
  });

  test('a write is its own probe: it has nothing to fall back to', async () => {
    const { shop, call, clock, state } = await setUpOpen();
    shop.react = () => ok;
    await clock.advance(60_000);
    const ended = outcome(call(write));
    expect(await outcome(call(write))).toBe('CIRCUIT_OPEN');
    await clock.advance(10);
    expect([await ended, state()]).toEqual([200, 'half-open']);
  });

  test('says when to come back', async () => {
    const { call, clock } = await setUpOpen();
    await clock.advance(18_950);
    expect(await failureOf(call())).toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterSeconds: 41 });
  });

  test('opens on unreadable answers too', async () => {
    const { shop, call, clock, state } = setUp();
    shop.react = () => ({ status: 200, headers: { 'content-type': 'text/html' } });
    for (let i = 0; i < 5; i++) {
      const ended = outcome(call());
      await clock.advance(10);
      expect(await ended).toBe('DOWNSTREAM_BAD_RESPONSE');
    }
    expect([shop.received.length, state()]).toEqual([5, 'open']);
  });

  test('hasBreaker false switches it off', async () => {
    const { shop, run, state } = setUp({ policy: { hasBreaker: false, attempts: 1 } });
    shop.react = () => unavailable;
    for (let i = 0; i < 50; i++) expect(await run()).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(state()).toBe('closed');
  });

  test('F40: a step of latency from 20 to 400 ms opens nothing, adaptive timeout or not', async () => {
    for (const isTimeoutAdaptive of [false, true]) {
      const { shop, run, transitions } = setUp({ policy: { isTimeoutAdaptive } });
      shop.react = (_request, index) => ({ ...ok, afterMs: index < 150 ? 20 : 400 });
      for (let i = 0; i < 300; i++) expect(await run()).toBe(200);
      expect(transitions).toEqual([]);
      expect(shop.received).toHaveLength(300);
    }
  });
});

describe('F77: a stall of our own event loop', () => {
  test('is not held against the service: an answer that came meanwhile is taken', async () => {
    const { shop, call, clock, state } = setUp({ policy: { attemptTimeoutMs: 1000 } });
    shop.react = () => ({ ...ok, afterMs: 50 });
    const ended = Array.from({ length: 20 }, () => outcome(call()));
    clock.stall(2000);
    // The loop runs timers before it reads sockets: every timeout fires first, and late.
    await clock.advance(60);
    expect(new Set(await Promise.all(ended))).toEqual(new Set([200]));
    expect(state()).toBe('closed');
  });

  test('that eats the whole deadline opens no breaker', async () => {
    const { shop, call, clock, state } = setUp();
    shop.react = () => ({ ...ok, afterMs: 50 });
    const ended = Array.from({ length: 20 }, () => outcome(call(read, { budgetMs: 1500 })));
    clock.stall(2000);
    await clock.advance(100);
    await Promise.all(ended);
    expect(state()).toBe('closed');
  });

  test('does not hide a service that is really slow', async () => {
    const { shop, call, clock, state } = setUp({ policy: { attemptTimeoutMs: 1000, attempts: 1 } });
    shop.react = () => 'hang';
    const ended = Array.from({ length: 5 }, () => outcome(call()));
    await clock.advance(500);
    clock.stall(2000);
    await clock.advance(1000);
    expect(new Set(await Promise.all(ended))).toEqual(new Set(['DOWNSTREAM_TIMEOUT']));
    expect(state()).toBe('open');
  });
});

describe('the bulkhead', () => {
  test('lets a hundred through, a hundred wait 50 ms, and turns the others away', async () => {
    const { shop, call, clock, state } = setUp();
    shop.react = () => 'hang';
    const ended = Array.from({ length: 201 }, () => outcome(call()));
    await clock.advance(0);
    expect([shop.received.length, await ended[200]]).toEqual([100, 'OVERLOADED']);
    expect(shop.downstream.snapshot()[0]).toMatchObject({ inFlight: 100, queued: 100 });
    await clock.advance(50);
    expect(await ended[150]).toBe('OVERLOADED');
    expect(state()).toBe('closed');
  });

  test('holds no slot while a retry waits', async () => {
    const { shop, call, clock } = setUp({ policy: { maxInFlight: 1, maxQueued: 0 } });
    shop.react = (_request, index) => (index === 0 ? unavailable : ok);
    const first = outcome(call());
    await clock.advance(1);
    const second = outcome(call());
    await clock.advance(1000);
    expect([await first, await second]).toEqual([200, 200]);
  });

  test('a client that goes away while it waits takes no slot', async () => {
    const client = new AbortController();
    const { shop, call, clock } = setUp({ policy: { maxInFlight: 1 } });
    shop.react = () => ({ ...ok, afterMs: 30 });
    const first = outcome(call());
    const waiting = outcome(call(read, { client: client.signal }));
    client.abort();
    expect(await waiting).toBe('DEADLINE_EXCEEDED');
    await clock.advance(100);
    expect([await first, shop.received.length]).toEqual([200, 1]);
  });
});

describe('hedged reads', () => {
  async function setUpHedge(options: Omit<ScriptOptions, 'clock'> = {}) {
    const hedges: number[] = [];
    const set = setUp({
      instances: ['a', 'b'],
      ...options,
      events: { onHedge: ({ afterMs }) => hedges.push(afterMs) },
    });
    set.shop.react = () => ({ ...ok, afterMs: 20 });
    for (let i = 0; i < 20; i++) await set.run(hedgedRead);
    set.shop.received.length = 0;
    return { ...set, hedges };
  }

  test('ask another instance after the p95, take the first answer and give the other up', async () => {
    const { shop, call, clock, hedges } = await setUpHedge();
    shop.react = (_request, index) => (index === 0 ? 'hang' : { ...ok, afterMs: 20 });
    const ended = outcome(call(hedgedRead));
    await clock.advance(50);
    expect(await ended).toBe(200);
    expect(shop.received).toHaveLength(2);
    expect(shop.received[0]?.instance).not.toBe(shop.received[1]?.instance);
    expect(shop.received.map((request) => request.isAborted)).toEqual([true, false]);
    expect(hedges[0]).toBeCloseTo(20, -1);
  });

  test('are not begun for an endpoint that does not ask, a write, a lone instance or a first handful of calls', async () => {
    const slow = (_request: unknown, index: number): Reaction => (index === 0 ? 'hang' : ok);
    for (const [endpoint, options] of [
      [read, {}],
      [{ ...idempotentWrite, isHedged: true }, {}],
      [hedgedRead, { instances: ['a'] }],
      [hedgedRead, { policy: { isHedging: false } }],
      [hedgedRead, { policy: { hedgeMinSamples: 21 } }],
    ] as const) {
      const { shop, call, clock } = await setUpHedge(options);
      shop.react = slow;
      void outcome(call(endpoint));
      await clock.advance(1000);
      expect(shop.received).toHaveLength(1);
      await clock.advance(20_000);
    }
  });

  test('stay within the retry budget', async () => {
    const { shop, call, clock } = await setUpHedge({ policy: { retryBudgetRatio: 0, retryBudgetPerSecond: 3 } });
    shop.react = () => 'hang';
    for (let i = 0; i < 50; i++) void outcome(call(hedgedRead));
    await clock.advance(100);
    expect(shop.received).toHaveLength(53);
  });

  test('wait for the other attempt when one fails', async () => {
    const { shop, call, clock } = await setUpHedge();
    shop.react = (_request, index) => (index === 0 ? { error: 'ECONNRESET', afterMs: 60 } : { ...ok, afterMs: 60 });
    const ended = outcome(call(hedgedRead));
    await clock.advance(100);
    expect([await ended, shop.received.length]).toEqual([200, 2]);
  });

  test('end both when the client goes away', async () => {
    const client = new AbortController();
    const { shop, call, clock } = await setUpHedge();
    shop.react = () => 'hang';
    const ended = outcome(call(hedgedRead, { client: client.signal }));
    await clock.advance(50);
    client.abort();
    expect(await ended).toBe('DEADLINE_EXCEEDED');
    expect(shop.received.map((request) => request.isAborted)).toEqual([true, true]);
  });
});

describe('instances', () => {
  test('F43: one bad instance of three costs no client anything and leaves the service’s breaker closed', async () => {
    const ejected: string[] = [];
    const { shop, run, state } = setUp({
      instances: ['a', 'b', 'c'],
      events: { onEjection: ({ instance }) => ejected.push(instance) },
    });
    shop.react = (request) => (request.instance === 'b' ? { status: 500 } : { ...ok, afterMs: 10 });
    for (let i = 0; i < 200; i++) expect(await run()).toBe(200);
    expect(state()).toBe('closed');
    expect(shop.received.filter((request) => request.instance === 'b').length).toBeLessThan(20);
    expect(ejected.every((instance) => instance === 'b')).toBe(true);
  });

  test('F44: a slow instance of three gets at most a tenth within ten seconds', async () => {
    let seed = 3;
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    const { shop, call, clock } = setUp({ instances: ['a', 'b', 'c'], random });
    shop.react = (request) => ({ ...ok, afterMs: request.instance === 'b' ? 400 : 20 });
    const ended: Promise<unknown>[] = [];
    for (let i = 0; i < 500; i++) {
      ended.push(outcome(call()));
      await clock.advance(20);
    }
    await clock.advance(1000);
    expect(new Set(await Promise.all(ended))).toEqual(new Set([200]));
    expect(shop.received.filter((request) => request.instance === 'b').length / 500).toBeLessThanOrEqual(0.1);
  });
});

describe('night switches', () => {
  test('fallback answers reads as an open breaker does and lets writes through', async () => {
    const { shop, run, call } = setUp();
    shop.downstream.setMode('shop', 'fallback', 60_000);
    expect(await failureOf(call())).toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterSeconds: 60 });
    expect(await run(write)).toBe(200);
    expect(shop.received).toHaveLength(1);
  });

  test('off lets nothing through', async () => {
    const { shop, call } = setUp();
    shop.downstream.setMode('shop', 'off', 60_000);
    expect(await outcome(call())).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(await outcome(call(write))).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(shop.received).toHaveLength(0);
  });

  test('end by themselves, are shown, and are told of', async () => {
    const changes: string[] = [];
    const { shop, clock, call } = setUp({
      events: { onModeChange: ({ from, to, forMs }) => changes.push(`${from}>${to} ${forMs}`) },
    });
    expect(shop.downstream.setMode('shop', 'off', 60_000)).toEqual({ mode: 'off', leftMs: 60_000 });
    await clock.advance(59_999);
    expect(shop.downstream.snapshot()[0]?.mode).toEqual({ mode: 'off', leftMs: 1 });
    await clock.advance(1);
    const ended = outcome(call());
    await clock.advance(10);
    expect([await ended, changes]).toEqual([200, ['normal>off 60000', 'off>normal 0']]);
  });

  test('a later switch takes the place of an earlier one', async () => {
    const { shop, clock } = setUp();
    shop.downstream.setMode('shop', 'off', 1000);
    shop.downstream.setMode('shop', 'fallback', 5000);
    await clock.advance(2000);
    expect(shop.downstream.snapshot()[0]?.mode).toEqual({ mode: 'fallback', leftMs: 3000 });
    shop.downstream.setMode('shop', 'normal', 0);
    expect([shop.downstream.snapshot()[0]?.mode, clock.pendingTimers]).toEqual([{ mode: 'normal', leftMs: 0 }, 0]);
  });

  test.each([0, -1, Number.NaN, Infinity, 86_400_001])('refuse to last %s ms', (forMs) => {
    const { shop } = setUp();
    expect(() => shop.downstream.setMode('shop', 'off', forMs)).toThrow(RangeError);
  });

  test('of a service that is not there say which there are', () => {
    expect(() => setUp().shop.downstream.setMode('shoe', 'off', 1000)).toThrow(
      /no service "shoe"; the services are shop/,
    );
  });
});

describe('what is shown', () => {
  test('each call is in its request’s report', async () => {
    const { shop, clock } = setUp();
    const report = createCallReport();
    const scope = createScope({ clock, report });
    await clock.advance(5);
    shop.react = (_request, index) => (index === 0 ? unavailable : { ...ok, afterMs: 20 });
    const ended = shop.downstream.call({ ...read, query: ['ids'] }, { query: { ids: ['a', 'b'] }, keyCount: 2 }, scope);
    await clock.advance(1000);
    await ended;
    expect(report.calls).toEqual([
      {
        service: 'shop',
        method: 'GET',
        route: '/products',
        keyCount: 2,
        attempts: 2,
        outcome: '200',
        startedMs: 5,
        durationMs: 70,
        bytes: 13,
      },
    ]);
  });

  test('a report has a bound', () => {
    const report = createCallReport(2);
    for (let i = 0; i < 5; i++) report.addCacheLookup('catalog.products', { fresh: 1 });
    expect([report.cacheLookups.length, report.leftOut]).toEqual([2, 3]);
  });

  test('a snapshot has the figures, the breaker, the instances and the policy', async () => {
    const { shop } = await setUpOpen();
    expect(shop.downstream.snapshot()).toMatchObject([
      {
        service: 'shop',
        mode: { mode: 'normal', leftMs: 0 },
        breaker: { state: 'open', openForMs: 59_000 },
        instances: [{ id: 'a', state: 'up', inFlight: 0 }],
        calls: 5,
        successRate: 0,
        errorRate: 1,
        policy: { breakerOpenMs: 60_000 },
      },
    ]);
  });

  test('a listener that throws breaks no call', async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', onWarning);
    const broken = (): never => {
      throw new Error('the listener broke');
    };
    const { run } = setUp({ events: { onAttempt: broken, onCall: broken } });
    expect(await run()).toBe(200);
    process.off('warning', onWarning);
    expect(warnings).toEqual(['the listener broke', 'the listener broke']);
  });

  test('a section is left out when less is left than the service lately took', async () => {
    const { shop, run } = setUp();
    shop.react = () => ({ ...ok, afterMs: 300 });
    for (let i = 0; i < 19; i++) await run();
    expect(shop.downstream.shouldSkip('shop', 100)).toBe(false);
  });

  test('an unknown service is a mistake of ours', async () => {
    const { shop } = setUp();
    await expect(shop.downstream.call({ ...read, service: 'shoe' }, {}, createScope())).rejects.toThrow(RangeError);
  });
});
