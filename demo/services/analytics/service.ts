import { dayMs } from '../../world/time.ts';
import type { World } from '../../world/world.ts';
import { type Caller, requireSelf } from '../caller.ts';
import { createIdempotencyStore } from '../idempotency.ts';
import { Problem, validationProblem } from '../problem.ts';
import { nullable, objectOf, ref, type Schemas } from '../schema.ts';
import type { Route, Service, ServiceRequest } from '../service.ts';
import { currencySchema, idSchema, instantSchema, moneySchema, toInstant, userIdParameter } from '../wire.ts';
import { type ActivityEvent, type AnalyticsStore, createAnalyticsStore, type Period } from './store.ts';

const countSchema = { type: 'integer', minimum: 0 } as const;
const maxYears = 10;
const maxDays = maxYears * 366;
const eventTypes = ['product-viewed', 'category-viewed', 'searched', 'cart-changed', 'checkout-started'];

const schemas: Schemas = {
  Money: moneySchema,
  Totals: objectOf({ spent: ref('Money'), orders: countSchema, items: countSchema }),
  Spending: objectOf({
    userId: idSchema,
    currency: currencySchema,
    from: instantSchema,
    to: instantSchema,
    totals: ref('Totals'),
    months: {
      type: 'array',
      description: 'Oldest first, months without an order included.',
      items: objectOf({
        month: { type: 'string', pattern: '^\\d{4}-\\d{2}$' },
        spent: ref('Money'),
        orders: countSchema,
      }),
    },
    categories: {
      type: 'array',
      description: 'Most first; labels as the category was called when it was bought from.',
      items: objectOf({ categoryId: idSchema, label: { type: 'string' }, spent: ref('Money') }),
    },
    previous: nullable(objectOf({ from: instantSchema, to: instantSchema, totals: ref('Totals') })),
    generatedAt: instantSchema,
  }),
  Event: objectOf(
    {
      type: { type: 'string', enum: eventTypes },
      subjectId: nullable({ type: 'string', maxLength: 255 }),
      at: instantSchema,
      // Not only of the usual shape: one odd viewer does not cost the others of a batch their events.
      userId: nullable({ type: 'string', maxLength: 255 }),
      installId: nullable({ type: 'string', maxLength: 255 }),
    },
    { optional: ['subjectId', 'userId', 'installId'] },
  ),
  Events: objectOf({ events: { type: 'array', items: ref('Event'), minItems: 1, maxItems: 500 } }),
};

function startOf(request: ServiceRequest, toMs: number): number {
  const from = request.query.text('from');
  const days = request.query.integer('days');
  if (from !== undefined && days !== undefined) {
    throw validationProblem([{ field: 'days', message: 'must not be given together with from' }]);
  }
  if (from !== undefined) return Date.parse(from);
  if (days !== undefined) return toMs - days * dayMs;
  const yearBefore = new Date(toMs);
  yearBefore.setUTCFullYear(yearBefore.getUTCFullYear() - 1);
  return yearBefore.getTime();
}

/** The last twelve months where nothing else is asked for. */
function readPeriod(request: ServiceRequest, now: Date): Period {
  const to = request.query.text('to');
  const toMs = to === undefined ? now.getTime() : Date.parse(to);
  const fromMs = startOf(request, toMs);
  if (fromMs >= toMs) throw validationProblem([{ field: 'from', message: 'must be before to' }]);
  if (toMs - fromMs > maxDays * dayMs) {
    throw validationProblem([{ field: 'from', message: `must be at most ${maxYears} years before to` }]);
  }
  return { fromMs, toMs };
}

function refuseForeignEvents(caller: Caller | null, events: readonly ActivityEvent[]): void {
  if (!caller || caller.scopes.has('service')) return;
  const isForeign = events.some((event) => typeof event.userId === 'string' && event.userId !== caller.subject);
  if (isForeign) throw new Problem(403, 'forbidden', { detail: 'A viewer may only report what they did themselves.' });
}

function createRoutes(store: AnalyticsStore, now: () => Date): Route[] {
  return [
    {
      operation: {
        method: 'GET',
        path: '/spending',
        operationId: 'getSpending',
        summary: 'What a viewer has spent, without shipping and without cancelled orders.',
        access: 'viewer',
        parameters: [
          userIdParameter,
          {
            name: 'from',
            in: 'query',
            description: 'Included; a year before `to` where neither it nor `days` is given.',
            schema: instantSchema,
          },
          {
            name: 'days',
            in: 'query',
            description: 'In the place of `from`: the days up to `to`.',
            schema: { type: 'integer', minimum: 1, maximum: maxDays },
          },
          { name: 'to', in: 'query', description: 'Not included; now where it is not given.', schema: instantSchema },
          {
            name: 'compare',
            in: 'query',
            description: 'Adds the period of the same length that ends where this one begins.',
            schema: { type: 'string', enum: ['previous-period'] },
          },
        ],
        answers: { 200: { description: 'The spending.', schema: ref('Spending') } },
      },
      handle(request) {
        const userId = request.query.text('userId') ?? '';
        requireSelf(request, userId);
        const period = readPeriod(request, now());
        const { fromMs, toMs } = period;
        const before = { fromMs: fromMs - (toMs - fromMs), toMs: fromMs };
        const previous = request.query.text('compare')
          ? { from: toInstant(before.fromMs), to: toInstant(before.toMs), totals: store.totals(userId, before) }
          : null;
        const times = { from: toInstant(fromMs), to: toInstant(toMs), generatedAt: now().toISOString() };
        return { status: 200, body: { userId, ...times, ...store.spending(userId, period), previous } };
      },
    },
    {
      operation: {
        method: 'POST',
        path: '/events',
        operationId: 'recordEvents',
        summary: 'Takes note of what was looked at.',
        access: 'viewer-or-service',
        body: ref('Events'),
        idempotency: 'optional',
        answers: { 202: { description: 'Taken.', schema: objectOf({ accepted: countSchema }) } },
      },
      handle(request) {
        // The dispatcher has checked the body against Events.
        const { events } = request.body as { events: ActivityEvent[] };
        refuseForeignEvents(request.caller, events);
        store.record(events);
        return { status: 202, body: { accepted: events.length } };
      },
    },
  ];
}

/** What was spent and looked at. */
export function createAnalyticsService(world: World, options: { now: () => Date }): Service {
  const store = createAnalyticsStore(world);
  return {
    name: 'analytics',
    title: 'Analytics',
    schemas,
    routes: createRoutes(store, options.now),
    idempotency: createIdempotencyStore(store.database, options),
    close: () => store.database.close(),
  };
}
