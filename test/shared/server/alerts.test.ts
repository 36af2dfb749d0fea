import { describe, expect, test } from 'vitest';
import type { InstanceSource } from '../../../shared/downstream/discovery.ts';
import { createAuditLog } from '../../../shared/observability/audit-log.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { createAlertWatch } from '../../../shared/server/alerts.ts';
import { createDownstreamReporter } from '../../../shared/server/downstream-reporter.ts';
import { createFailureLog } from '../../../shared/server/failure-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createScope, outcome, read } from '../downstream/support/calls.ts';
import { createScriptedService } from '../downstream/support/scripted-service.ts';

/** A service on a fake clock, and all that is told of it. */
function setUp(source?: InstanceSource) {
  const clock = createFakeClock();
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    level: 'info',
    server: 'test',
    destination: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const metrics = createMetrics({ withProcess: false, services: ['shop'] });
  const told: string[] = [];
  const alerts = createAlertWatch(clock, ({ name, service, isFiring }) => {
    told.push(`${name} ${service} ${isFiring ? 'fires' : 'is over'}`);
    metrics.alert(name, service, isFiring);
  });
  const audit = createAuditLog(logger, clock);
  const events = createDownstreamReporter({
    logger,
    audit,
    metrics,
    alerts,
    failures: createFailureLog(logger, clock),
  });
  const shop = createScriptedService({ clock, events, ...(source && { source }) });
  /** Calls so many times, these many milliseconds apart. */
  async function call(times: number, apartMs: number, budgetMs = 3000): Promise<void> {
    for (let i = 0; i < times; i++) {
      void outcome(shop.downstream.call(read, {}, createScope({ clock, budgetMs, attemptCapMs: budgetMs / 2 })));
      await clock.advance(apartMs);
    }
  }
  return { clock, lines, metrics, told, alerts, shop, call };
}

describe('circuit_open', () => {
  test('each change of state is one line, one figure, and one alert from the opening to the closing', async () => {
    const { clock, lines, metrics, told, shop, call } = setUp();
    const seen: string[] = [];
    const look = async () => {
      const text = await metrics.text();
      seen.push(/bff_breaker_state\{service="shop"\} \d/.exec(text)?.[0].slice(-1) ?? 'none');
    };
    await look();
    shop.react = () => ({ status: 503 });
    await call(5, 2000);
    await look();
    shop.react = () => 'hang';
    await clock.advance(60_000);
    await call(1, 100);
    await look();
    await clock.advance(10_000);
    await look();
    shop.react = () => ({ status: 200 });
    await clock.advance(60_000);
    await call(3, 100);
    await look();
    expect(seen).toEqual(['0', '2', '1', '2', '0']);
    const changes = lines.filter(({ msg }) => msg === 'circuit breaker changed');
    expect(changes.map(({ from, to }) => `${String(from)}>${String(to)}`)).toEqual([
      'closed>open',
      'open>half-open',
      'half-open>open',
      'open>half-open',
      'half-open>closed',
    ]);
    const circuit = told.filter((line) => line.startsWith('circuit_open'));
    expect(circuit).toEqual(['circuit_open shop fires', 'circuit_open shop is over']);
    expect(await metrics.text()).toContain('bff_alert{name="circuit_open",service="shop"} 0');
  });
});

describe('timeout_exceeded', () => {
  test('fires within 5 s when a service hangs, though every call ends by its deadline', async () => {
    const { clock, told, shop, call } = setUp();
    shop.react = () => 'hang';
    await call(2, 1600);
    await clock.advance(5000);
    expect(told).toEqual(['timeout_exceeded shop fires']);
    await clock.advance(70_000);
    expect(told.at(-1)).toBe('timeout_exceeded shop is over');
  });

  test.each([
    [99, 'fires'],
    [100, 'does not fire'],
    [250, 'does not fire'],
  ])('at one timeout in %i calls it %s', async (calls, what) => {
    const { clock, told, shop, call } = setUp();
    shop.react = (_request, index) => (index === 0 ? 'hang' : { status: 200 });
    await call(calls, 100);
    await clock.advance(5000);
    // Early in the minute the one timeout is a larger share.
    expect(told.at(-1)).toBe(what === 'fires' ? 'timeout_exceeded shop fires' : 'timeout_exceeded shop is over');
  });
});

describe('calls that were never made', () => {
  test('make the share of those that time out no smaller', async () => {
    const { clock, told, shop, call } = setUp();
    shop.react = (_request, index) => (index === 0 ? 'hang' : { status: 200 });
    await call(50, 100);
    shop.downstream.setMode('shop', 'fallback', 60_000);
    await call(200, 10);
    await clock.advance(5000);
    expect(told).toEqual(['timeout_exceeded shop fires']);
  });

  test('are counted by their outcome, and have no duration and no batch', async () => {
    const { metrics, shop, call } = setUp();
    await call(2, 100);
    shop.downstream.setMode('shop', 'off', 60_000);
    await call(3, 10);
    shop.downstream.setMode('shop', 'normal', 0);
    await call(4, 10, 50);
    shop.react = () => ({ status: 503 });
    await call(5, 2000);
    await call(6, 10);
    const text = await metrics.text();
    for (const line of [
      'bff_downstream_calls_total{service="shop",outcome="answer"} 2',
      'bff_downstream_calls_total{service="shop",outcome="switched-off"} 3',
      'bff_downstream_calls_total{service="shop",outcome="deadline"} 4',
      'bff_downstream_calls_total{service="shop",outcome="server-error"} 5',
      'bff_downstream_calls_total{service="shop",outcome="circuit-open"} 6',
      'bff_downstream_duration_seconds_count{service="shop"} 7',
      'bff_batch_size_count{service="shop"} 7',
    ]) {
      expect(text).toContain(line);
    }
  });
});

describe('no_instances', () => {
  test('fires with the first call that finds nobody to ask, and is over with the first list', async () => {
    let origins: string[] = [];
    const { clock, metrics, told, call } = setUp({ kind: 'registry', registry: { list: async () => origins } });
    await clock.advance(1000);
    expect(told).toEqual([]);
    await call(3, 10);
    expect(told).toEqual(['no_instances shop fires']);
    origins = ['http://a'];
    await clock.advance(2000);
    expect(told).toEqual(['no_instances shop fires', 'no_instances shop is over']);
    await call(1, 10);
    const text = await metrics.text();
    expect(text).toContain('bff_downstream_calls_total{service="shop",outcome="no-instance"} 3');
    expect(text).toContain('bff_downstream_duration_seconds_count{service="shop"} 1');
  });
});

describe('high_retry_rate', () => {
  test.each([
    [49, 9, undefined],
    [50, 5, undefined],
    [50, 6, 'high_retry_rate shop fires'],
    [200, 20, undefined],
    [200, 21, 'high_retry_rate shop fires'],
  ])('of %i calls %i were repeated: %s', async (calls, repeated, expected) => {
    const { clock, told, shop, call } = setUp();
    let left = 0;
    shop.react = () => (left-- > 0 ? { status: 503 } : { status: 200 });
    const apartMs = Math.floor(50_000 / calls);
    for (let i = 0; i < calls; i++) {
      // The last ones: what comes first is a larger share of fewer calls.
      left = i >= calls - repeated ? 1 : 0;
      await call(1, apartMs);
    }
    await clock.advance(5000);
    expect(told.find((line) => line.startsWith('high_retry_rate'))).toBe(expected);
  });
});

describe('a night switch', () => {
  test('that runs out is audited and shown; one that an operator turns is for the operators’ port to audit', async () => {
    const { clock, lines, metrics, shop } = setUp();
    const audited = () => lines.filter(({ audit }) => audit === true);
    shop.downstream.setMode('shop', 'off', 1000);
    expect(await metrics.text()).toContain('bff_service_mode{service="shop"} 2');
    expect(audited()).toEqual([]);
    await clock.advance(1000);
    expect(await metrics.text()).toContain('bff_service_mode{service="shop"} 0');
    expect(audited()).toMatchObject([
      { event: 'switch', who: null, what: 'shop normal', reason: 'the time of off was over' },
    ]);
  });
});
