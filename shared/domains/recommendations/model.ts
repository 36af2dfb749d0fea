export type RecommendationReasonCodeModel =
  | 'BOUGHT_TOGETHER'
  | 'SIMILAR_TO_BOUGHT'
  | 'POPULAR_IN_CATEGORY'
  | 'BESTSELLER';

export interface RecommendationReasonModel {
  readonly code: RecommendationReasonCodeModel;
  readonly basedOnProductId: string | null;
}

export interface RecommendationModel {
  readonly productId: string;
  readonly reason: RecommendationReasonModel;
}
