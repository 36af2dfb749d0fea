import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startStack } from '../support/stack.ts';

const home = readFileSync('schema/operations/mobile/home.graphql', 'utf8');

async function openStack() {
  const stack = await startStack();
  onTestFinished(() => stack.close());
  const read = async () => (await fetch(`${stack.mobileAdminUrl}/metrics`)).text();
  return { stack, read };
}

test('a screen that was asked twice shows in the figures of its client, its services and the cache', async () => {
  const { stack, read } = await openStack();
  const token = await stack.shop.token('user-1');
  const headers = { 'apollographql-client-name': 'shop-ios', 'apollographql-client-version': '4.2.0' };
  await stack.askMobile(home, { token, headers });
  await stack.askMobile(home, { token, headers });
  const text = await read();
  for (const line of [
    'bff_requests_total{client="shop-ios",version="4.2.0",outcome="ok"} 2',
    'bff_request_duration_seconds_count{client="shop-ios"} 2',
    'bff_downstream_calls_total{service="catalog",outcome="answer"} 1',
    'bff_downstream_attempts_total{service="catalog",outcome="answer"} 1',
    'bff_downstream_duration_seconds_count{service="catalog"} 1',
    'bff_batch_size_sum{service="catalog"} 10',
    'bff_cache_lookups_total{read="catalog.products",result="missed"} 10',
    'bff_cache_lookups_total{read="catalog.products",result="fresh"} 10',
    'bff_cache_lookups_total{read="users.viewer",result="fresh"} 1',
  ]) {
    expect(text).toContain(line);
  }
});

test('a breaker, a switch and the load show from the start', async () => {
  const { read } = await openStack();
  const text = await read();
  expect(text).toContain('bff_breaker_state{service="orders"} 0');
  expect(text).toContain('bff_service_mode{service="orders"} 0');
  expect(text).toContain('bff_shedding_ratio 0');
});
