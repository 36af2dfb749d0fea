import type { CachedRead, PartPolicy } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import type { Downstream } from '../../downstream/downstream.ts';
import type { Endpoint } from '../../downstream/endpoint.ts';
import { WireReader, type WireRecord } from '../../wire-reader.ts';
import type { RecommendationModel, RecommendationReasonCodeModel } from './model.ts';

export const recommendationsEndpoints = {
  personal: {
    service: 'recommendations',
    method: 'GET',
    route: '/recommendations',
    identity: 'viewer',
    query: ['userId', 'limit'],
  },
  popular: {
    service: 'recommendations',
    method: 'GET',
    route: '/recommendations/popular',
    identity: 'service',
    query: ['limit'],
  },
} as const satisfies Record<string, Endpoint>;

const reasons = new Map<string, RecommendationReasonCodeModel>([
  ['bought-together', 'BOUGHT_TOGETHER'],
  ['similar-to-bought', 'SIMILAR_TO_BOUGHT'],
  ['popular-in-category', 'POPULAR_IN_CATEGORY'],
  ['bestseller', 'BESTSELLER'],
]);

type Recommendations = { readonly list: readonly RecommendationModel[] };

/** A screen without recommendations is still a screen: an empty list stands in where nothing is kept. */
const listPolicy: PartPolicy<readonly RecommendationModel[]> = {
  version: 1,
  windows: { freshForMs: 60_000, revalidateForMs: 60_000, keepForMs: 24 * 3_600_000 },
  defaultValue: [],
};

/** The recommendations' reads, by how many are wanted. */
export interface RecommendationsClient {
  readonly personal: CachedRead<number, Recommendations, CallScope>;
  readonly popular: CachedRead<number, Recommendations, CallScope>;
}

/** Declares every call that this layer makes to the recommendations service. */
export function createRecommendationsClient(downstream: Downstream): RecommendationsClient {
  return {
    personal: {
      name: 'recommendations.personal',
      service: 'recommendations',
      audience: 'viewer',
      maxBatch: 1,
      parts: { list: listPolicy },
      keyOf: (first) => [String(first)],
      async fetch([first], scope) {
        if (first === undefined || scope.viewerId === null) return new Map();
        const query = { userId: scope.viewerId, limit: first };
        const answer = await downstream.call(recommendationsEndpoints.personal, { query }, scope);
        const wire = new WireReader('recommendations');
        const record = wire.ownedRecord(answer.body, 'recommendations', scope.viewerId);
        return new Map([[first, { list: readRecommendations(wire, record) }]]);
      },
    },
    popular: {
      name: 'recommendations.popular',
      service: 'recommendations',
      audience: 'public',
      maxBatch: 1,
      parts: { list: listPolicy },
      keyOf: (first) => [String(first)],
      async fetch([first], scope) {
        if (first === undefined) return new Map();
        const answer = await downstream.call(recommendationsEndpoints.popular, { query: { limit: first } }, scope);
        const wire = new WireReader('recommendations');
        return new Map([[first, { list: readRecommendations(wire, wire.record(answer.body, 'recommendations')) }]]);
      },
    },
  };
}

function readRecommendations(wire: WireReader, record: WireRecord): readonly RecommendationModel[] {
  return wire.finish(
    wire.each(record, 'items', (recommendation) => ({
      productId: wire.reference(recommendation, 'productId'),
      reason: wire.nested(recommendation, 'reason', (reason) => ({
        code: wire.word(reason, 'code', reasons),
        basedOnProductId: wire.optionalReference(reason, 'basedOnProductId'),
      })),
    })),
  );
}
