import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAttemptTimeout } from '../../../shared/downstream/attempt-timeout.ts';
import { createLatencySkip } from '../../../shared/downstream/latency-skip.ts';
import { LatencyWindow } from '../../../shared/downstream/latency-window.ts';
import { PeakLatency } from '../../../shared/downstream/peak-latency.ts';
import { defaultServicePolicy } from '../../../shared/downstream/policy.ts';
import { RollingCounts } from '../../../shared/downstream/rolling-counts.ts';
import { createServiceStats } from '../../../shared/downstream/service-stats.ts';

describe('rolling counts', () => {
  test('count what a list of events would', () => {
    const event = fc.record({ kind: fc.nat(2), afterMs: fc.integer({ min: 0, max: 4000 }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200, size: 'max' }), (events) => {
        const counts = new RollingCounts({ windowMs: 10_000, slots: 10, kinds: 3 });
        const seen: { kind: number; slot: number }[] = [];
        let nowMs = 0;
        for (const { kind, afterMs } of events) {
          nowMs += afterMs;
          counts.add(kind, nowMs);
          seen.push({ kind, slot: Math.floor(nowMs / 1000) });
          const recent = seen.filter(({ slot }) => slot > Math.floor(nowMs / 1000) - 10);
          for (const k of [0, 1, 2]) {
            expect(counts.total(k, nowMs)).toBe(recent.filter((one) => one.kind === k).length);
          }
        }
      }),
    );
  });

  test('forget everything after a long silence', () => {
    const counts = new RollingCounts({ windowMs: 10_000, slots: 10, kinds: 1 });
    counts.add(0, 5);
    expect(counts.total(0, 1e9)).toBe(0);
  });
});

describe('latencies', () => {
  test('a quantile is right to a twentieth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.3, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300, size: 'max' }),
        fc.constantFrom(0.5, 0.95, 0.99),
        (durations, q) => {
          const window = new LatencyWindow();
          for (const duration of durations) window.record(duration, 0);
          const sorted = durations.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil(q * sorted.length) - 1] as number;
          const measured = window.quantile(q, 0) as number;
          expect(Math.abs(measured - exact) / exact).toBeLessThan(0.05);
        },
      ),
    );
  });

  test('nothing is said of too few, or of what is a minute old', () => {
    const window = new LatencyWindow();
    for (let i = 0; i < 19; i++) window.record(10, 0);
    expect(window.quantile(0.95, 0, 20)).toBeUndefined();
    window.record(10, 0);
    expect(window.quantile(0.95, 0, 20)).toBeDefined();
    expect(window.quantile(0.95, 60_000)).toBeUndefined();
  });

  test('no duration falls outside', () => {
    const window = new LatencyWindow();
    for (const duration of [0, -1, 0.0001, 1e9]) window.record(duration, 0);
    expect(window.quantile(1, 0)).toBeGreaterThan(100_000);
  });
});

describe('peak latency', () => {
  test('jumps to a peak and comes down slowly', () => {
    const latency = new PeakLatency(10_000);
    for (let i = 0; i < 10; i++) latency.observe(20, i);
    latency.observe(400, 10);
    expect(latency.valueMs(10)).toBe(400);
    latency.observe(20, 11);
    expect(latency.valueMs(11)).toBeGreaterThan(390);
    latency.observe(20, 50_000);
    expect(latency.valueMs(50_000)).toBeLessThan(25);
  });

  test('fades while nobody asks', () => {
    const latency = new PeakLatency(10_000);
    latency.observe(1000, 0);
    expect(latency.valueMs(10_000)).toBeCloseTo(1000 / Math.E, 5);
  });
});

describe('the attempt timeout', () => {
  const adaptive = { ...defaultServicePolicy, isTimeoutAdaptive: true };

  test('is fixed unless the policy says otherwise', () => {
    const timeout = createAttemptTimeout(defaultServicePolicy);
    for (let i = 0; i < 500; i++) timeout.record(10);
    expect(timeout.limitMs(true)).toBe(5000);
  });

  test('follows the p99 of the last hundred, a fifth above, from a hundred on', () => {
    const timeout = createAttemptTimeout(adaptive);
    for (let i = 0; i < 99; i++) timeout.record(2000);
    expect(timeout.limitMs(true)).toBe(5000);
    timeout.record(2000);
    expect(timeout.limitMs(true)).toBe(2400);
  });

  test('one in a hundred does not raise it, two do', () => {
    const timeout = createAttemptTimeout(adaptive);
    for (let i = 0; i < 99; i++) timeout.record(2000);
    timeout.record(4000);
    expect(timeout.limitMs(true)).toBe(2400);
    for (let i = 0; i < 10; i++) timeout.record(4000);
    expect(timeout.limitMs(true)).toBe(4800);
  });

  test('stays between one second and the fixed one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 20_000, noNaN: true }), { maxLength: 500, size: 'max' }),
        (durations) => {
          const timeout = createAttemptTimeout(adaptive);
          for (const duration of durations) timeout.record(duration);
          expect(timeout.limitMs(true)).toBeGreaterThanOrEqual(1000);
          expect(timeout.limitMs(true)).toBeLessThanOrEqual(5000);
        },
      ),
    );
  });

  test('a write without a key keeps the fixed one', () => {
    const timeout = createAttemptTimeout(adaptive);
    for (let i = 0; i < 200; i++) timeout.record(10);
    expect([timeout.limitMs(true), timeout.limitMs(false)]).toEqual([1000, 5000]);
  });

  test('a service that times out at its timeout works its way up to the fixed one', () => {
    const timeout = createAttemptTimeout(adaptive);
    for (let i = 0; i < 100; i++) timeout.record(20);
    for (let i = 0; i < 1000; i++) timeout.record(timeout.limitMs(true));
    expect(timeout.limitMs(true)).toBe(5000);
  });
});

describe('leaving a section out', () => {
  test('happens when less is left than the p95, but for one in twenty', () => {
    const shouldSkip = createLatencySkip(() => 300);
    expect(shouldSkip(300)).toBe(false);
    const skipped = Array.from({ length: 100 }, () => shouldSkip(299)).filter(Boolean);
    expect(skipped).toHaveLength(95);
  });

  test('does not happen while the p95 is not known', () => {
    expect(createLatencySkip(() => undefined)(0)).toBe(false);
  });
});

describe('the figures of a service', () => {
  test('of no calls are all well', () => {
    expect(createServiceStats().figures(0)).toEqual({
      calls: 0,
      rejected: 0,
      retries: 0,
      successRate: 1,
      errorRate: 0,
      latencyMs: undefined,
    });
  });

  test('are those of the last minute', () => {
    const stats = createServiceStats();
    stats.onCall(false, 0);
    stats.onLatency(5000, 0);
    for (let i = 0; i < 3; i++) stats.onCall(true, 61_000);
    stats.onCall(false, 61_000);
    stats.onLatency(100, 61_000);
    stats.onRejected(61_000);
    stats.onRepeat(61_000);
    expect(stats.figures(61_000)).toMatchObject({
      calls: 4,
      rejected: 1,
      retries: 1,
      successRate: 0.75,
      errorRate: 0.25,
    });
    expect(stats.figures(61_000).latencyMs?.p99).toBeLessThan(110);
  });
});
