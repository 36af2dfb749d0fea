import { describe, expect, it } from 'vitest';
import { createLabelSet } from '../../../shared/observability/label-set.ts';
import { createMetrics, type RequestFigures } from '../../../shared/observability/metrics.ts';

const figures: RequestFigures = {
  clientName: 'shop-ios',
  clientVersion: '4.2.0',
  isTrusted: true,
  outcome: 'ok',
  durationMs: 12,
  errorCodes: [],
};

function countSeries(text: string, name: string): number {
  return text.split('\n').filter((line) => line.startsWith(`${name}{`)).length;
}

describe('metrics', () => {
  it('count requests by client, version and outcome', async () => {
    const metrics = createMetrics({ withProcess: false });
    metrics.request(figures);
    metrics.request({ ...figures, outcome: 'partial', errorCodes: ['CIRCUIT_OPEN'] });
    const text = await metrics.text();
    expect(text).toContain('bff_requests_total{client="shop-ios",version="4.2.0",outcome="ok"} 1');
    expect(text).toContain('bff_requests_total{client="shop-ios",version="4.2.0",outcome="partial"} 1');
    expect(text).toContain('bff_errors_total{code="CIRCUIT_OPEN"} 1');
    expect(text).toContain('bff_request_duration_seconds_bucket{le="0.025",client="shop-ios"} 2');
  });

  it('tell of services: calls, attempts, breaker, switch, batches', async () => {
    const metrics = createMetrics({ withProcess: false });
    metrics.downstreamCall('catalog', 'answer', 8);
    metrics.downstreamAttempt('catalog', 'timeout');
    metrics.downstreamRepeat('catalog', 'retry');
    metrics.breaker('catalog', 'open');
    metrics.mode('catalog', 'fallback');
    metrics.batch('catalog', 40);
    metrics.cacheLookup('catalog.products', 'fresh', 3);
    metrics.alert('circuit_open', 'catalog', true);
    metrics.redis(true);
    metrics.cacheLoss('catalog.products', 'not-stored', 4);
    metrics.pendingDrops(2);
    const text = await metrics.text();
    for (const line of [
      'bff_downstream_calls_total{service="catalog",outcome="answer"} 1',
      'bff_downstream_attempts_total{service="catalog",outcome="timeout"} 1',
      'bff_downstream_repeats_total{service="catalog",kind="retry"} 1',
      'bff_breaker_state{service="catalog"} 2',
      'bff_service_mode{service="catalog"} 1',
      'bff_batch_size_bucket{le="50",service="catalog"} 1',
      'bff_cache_lookups_total{read="catalog.products",result="fresh"} 3',
      'bff_redis_up 1',
      'bff_cache_losses_total{read="catalog.products",kind="not-stored"} 4',
      'bff_cache_pending_drops 2',
      'bff_alert{name="circuit_open",service="catalog"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('of a service are there before it was asked for anything, so that the first timeout is an increase', async () => {
    const text = await createMetrics({ withProcess: false, services: ['catalog'] }).text();
    for (const line of [
      'bff_downstream_calls_total{service="catalog",outcome="answer"} 0',
      'bff_downstream_calls_total{service="catalog",outcome="no-instance"} 0',
      'bff_downstream_duration_seconds_count{service="catalog"} 0',
      'bff_downstream_attempts_total{service="catalog",outcome="timeout"} 0',
      'bff_downstream_repeats_total{service="catalog",kind="retry"} 0',
      'bff_breaker_state{service="catalog"} 0',
      'bff_service_mode{service="catalog"} 0',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('do not grow with what strangers send: 10,000 names are one label', async () => {
    const metrics = createMetrics({ withProcess: false });
    for (let index = 0; index < 10_000; index += 1) {
      metrics.request({ ...figures, clientName: `evil-${index}`, clientVersion: `${index}`, isTrusted: false });
    }
    metrics.request(figures);
    const text = await metrics.text();
    expect(countSeries(text, 'bff_requests_total')).toBe(2);
    expect(text).toContain('bff_requests_total{client="shop-ios",version="4.2.0",outcome="ok"} 1');
  });

  it('do not grow past their bounds with what signed-in viewers send', async () => {
    const metrics = createMetrics({ withProcess: false });
    for (let index = 0; index < 10_000; index += 1) {
      metrics.request({
        ...figures,
        clientName: `app-${index}`,
        clientVersion: `${index}`,
        errorCodes: [`CODE_${index}`],
      });
      metrics.downstreamCall(`service-${index}`, `outcome-${index}`, 1);
      metrics.deprecatedField(`Product.field${index}`, 'app-1', '1');
      metrics.cacheLookup(`read-${index}`, `result-${index}`, 1);
    }
    const text = await metrics.text();
    expect(countSeries(text, 'bff_requests_total')).toBeLessThanOrEqual(200);
    expect(countSeries(text, 'bff_errors_total')).toBeLessThanOrEqual(61);
    expect(text.length).toBeLessThan(300_000);
  });

  it('of two servers in one process are apart', async () => {
    const one = createMetrics();
    const other = createMetrics();
    one.degraded(3);
    expect(await other.text()).toContain('bff_degraded_values_total 0');
  });
});

describe('a label set', () => {
  it('knows null as none and what is past its bound as other', () => {
    const labels = createLabelSet(1);
    expect([labels.recall('a'), labels.admit('a'), labels.recall('a'), labels.admit('b'), labels.admit(null)]).toEqual([
      'other',
      'a',
      'a',
      'other',
      'none',
    ]);
  });
});
