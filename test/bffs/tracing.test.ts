import { expect, onTestFinished, test } from 'vitest';
import { openCollector } from '../support/otlp-collector.ts';
import { startStack } from '../support/stack.ts';

const query = 'query Home { home { viewer { name } recommendations(first: 3) { name } activeOrders { id } } }';

test('a traced answer has spans for the request, its sections, batches, cache look-ups, calls and attempts', async () => {
  const collector = await openCollector();
  onTestFinished(collector.close);
  const stack = await startStack({ env: { OTLP_URL: collector.url, TRACE_SAMPLE_PERCENT: '0' } });
  const token = await stack.shop.token('user-1');
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await stack.askMobile(query, { token, headers: { traceparent } });
  await stack.askMobile(query, { token });
  await stack.close();

  const { spans } = collector;
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const paths = spans.map((span) => {
    const path: string[] = [];
    for (let at: (typeof spans)[number] | undefined = span; at; at = byId.get(at.parentSpanId ?? ''))
      path.push(at.name);
    return path.toReversed().join(' > ');
  });
  expect(paths.toSorted()).toEqual(
    [
      'Home',
      'Home > section Home.viewer',
      'Home > section Home.recommendations',
      'Home > section Home.activeOrders',
      ...[
        ['users.viewer', 'GET /users/{id}'],
        ['recommendations.personal', 'GET /recommendations'],
        ['orders.page', 'GET /orders'],
        ['catalog.products', 'GET /products'],
      ].flatMap(([read, route]) => [
        `Home > batch ${read}`,
        `Home > batch ${read} > cache ${read}`,
        `Home > batch ${read} > call ${route}`,
        `Home > batch ${read} > call ${route} > ${route}`,
      ]),
    ].toSorted(),
  );
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
});
