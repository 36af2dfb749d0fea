import type { GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import { createReadThrough } from '../../shared/cache/read-through.ts';
import { offerOf } from '../../shared/domains/catalog/offer.ts';
import { RequestContext, type SharedParts } from '../../shared/domains/context.ts';
import { createClients } from '../../shared/domains/services.ts';
import { type CallScope, createCallScope } from '../../shared/downstream/call-scope.ts';
import { createDeadline } from '../../shared/downstream/deadline.ts';
import type { Downstream } from '../../shared/downstream/downstream.ts';
import { createCallReport } from '../../shared/graphql/call-report.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const profile = { deadlineMs: 8000, sectionBudgetMs: 2500, defaultLocale: 'en-GB', defaultCurrency: 'EUR' };

const wireProduct = (id: string) => ({
  id,
  sku: 'sku',
  name: 'Kettle',
  description: 'Boils',
  brand: 'Aro',
  categoryId: 'kitchen',
  images: [],
  rating: { average: 4, count: 1 },
  prices: [{ amount: 100, currency: 'EUR' }],
  stock: { available: 1, status: 'in-stock' },
});

/** Requests before a catalog that takes so long, and has lately taken `p95Ms`. */
function openRequests(p95Ms: number) {
  const clock = createFakeClock();
  const catalog = { delayMs: 0, asked: [] as string[] };
  const downstream: Downstream = {
    call: async (_endpoint, { query }) => {
      const ids = query?.['ids'] as readonly string[];
      catalog.asked.push(...ids);
      await new Promise<void>((resolve) => void clock.schedule(catalog.delayMs, resolve));
      return { status: 200, body: { items: ids.map(wireProduct) }, bytes: 0, receivedAtMs: 0 };
    },
  };
  const reads = createReadThrough<CallScope>({
    clock,
    detach: (scope, deadline) => ({ ...scope, deadline }),
    random: () => 0.5,
    shouldSkip: (_service, leftMs) => leftMs < p95Ms,
  });
  const shared = { profile, clients: createClients(downstream), reads, clock } as unknown as SharedParts;
  const begin = () => {
    const deadline = createDeadline({ budgetMs: profile.deadlineMs, clock });
    const report = createCallReport();
    const scope = {
      ...createCallScope({ deadline, viewerId: null, authorization: null, correlationId: 'c', clock }),
      report,
    };
    return new RequestContext(shared, { requestId: 'r', viewer: null, scope });
  };
  return { clock, catalog, begin };
}

const info = { path: { prev: undefined, key: 'product', typename: 'Query' } } as unknown as GraphQLResolveInfo;

test.each([
  ['a product that was asked for is waited for to the deadline', false, 'in-stock after 3000 ms'],
  ['a section’s product is waited for as long as the section', true, 'DOWNSTREAM_TIMEOUT after 2440 ms'],
])('a price that is not kept while %s', async (_name, isInSection, expected) => {
  const { clock, catalog, begin } = openRequests(0);
  const warm = begin().loaders.catalog.product('p1', begin(), info);
  await clock.advance(0);
  await warm;
  // The price is kept for 5 minutes, the product for a day.
  await clock.advance(600_000);
  catalog.delayMs = 3000;
  const context = begin();
  const startedMs = clock.nowMs();
  const ask = () => context.loaders.catalog.product('p1', context, info);
  const product = isInSection ? context.section('catalog', ask) : ask();
  const told = product.then(async (found) => {
    const outcome = await Promise.resolve(found && offerOf(found, context, info)).then(
      () => 'in-stock',
      (error: { code: string }) => error.code,
    );
    return `${outcome} after ${clock.nowMs() - startedMs} ms`;
  });
  await clock.advance(500);
  expect((await product)?.name).toBe('Kettle');
  await clock.advance(3000);
  expect(await told).toBe(expected);
});

test('what is asked for outside of a section is not left out because a section has asked the same service before', async () => {
  const { clock, catalog, begin } = openRequests(2000);
  for (const id of ['p1', 'p2', 'p3']) void begin().loaders.catalog.product(id, begin(), info);
  await clock.advance(200_000);
  catalog.asked.length = 0;
  const context = begin();
  const inSection = (id: string) =>
    context.section('catalog', () => context.loaders.catalog.product(id, context, info));
  const first = inSection('p1');
  await clock.advance(1000);
  await first;
  // 1.5 s are left for sections, 7 for the rest.
  void inSection('p2');
  await clock.advance(0);
  void context.loaders.catalog.product('p3', context, info);
  await clock.advance(0);
  expect(catalog.asked).toEqual(['p1', 'p3']);
});
