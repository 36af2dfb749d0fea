import type { World } from '../../world/world.ts';
import { requireSelf } from '../caller.ts';
import { limitParameter } from '../paging.ts';
import { nullable, objectOf, ref, type Schema, type Schemas } from '../schema.ts';
import type { Route, Service } from '../service.ts';
import { idSchema, instantSchema, userIdParameter } from '../wire.ts';
import { createRecommendationStore, type RecommendationStore } from './store.ts';

const itemsSchema: Schema = { type: 'array', items: ref('Recommendation') };
const schemas: Schemas = {
  Recommendation: objectOf({
    productId: idSchema,
    reason: objectOf({
      code: { type: 'string', enum: ['bought-together', 'similar-to-bought', 'popular-in-category', 'bestseller'] },
      basedOnProductId: nullable(idSchema),
    }),
    score: { type: 'number', minimum: 0, maximum: 1 },
  }),
  Recommendations: objectOf({ userId: idSchema, items: itemsSchema, generatedAt: instantSchema }),
  PopularProducts: objectOf({ items: itemsSchema, generatedAt: instantSchema }),
};

function createRoutes(store: RecommendationStore, now: () => Date): Route[] {
  return [
    {
      operation: {
        method: 'GET',
        path: '/recommendations',
        operationId: 'getRecommendations',
        summary: 'Products for this viewer, best first, none of which they bought before.',
        access: 'viewer',
        parameters: [userIdParameter, limitParameter],
        answers: { 200: { description: 'The recommendations.', schema: ref('Recommendations') } },
      },
      handle(request) {
        const userId = request.query.text('userId') ?? '';
        requireSelf(request, userId);
        const items = store.forViewer(userId, request.query.integer('limit') ?? 20);
        return { status: 200, body: { userId, items, generatedAt: now().toISOString() } };
      },
    },
    {
      operation: {
        method: 'GET',
        path: '/recommendations/popular',
        operationId: 'getPopularProducts',
        summary: 'What sells best, for anyone.',
        access: 'public',
        parameters: [limitParameter],
        answers: { 200: { description: 'The bestsellers.', schema: ref('PopularProducts') } },
      },
      handle(request) {
        const items = store.popular(request.query.integer('limit') ?? 20);
        return { status: 200, body: { items, generatedAt: now().toISOString() } };
      },
    },
  ];
}

/** What to look at next. */
export function createRecommendationsService(world: World, options: { now: () => Date }): Service {
  const store = createRecommendationStore(world);
  return {
    name: 'recommendations',
    title: 'Recommendations',
    schemas,
    routes: createRoutes(store, options.now),
    close: () => store.close(),
  };
}
