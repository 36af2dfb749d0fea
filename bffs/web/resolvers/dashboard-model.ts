import type { Spending } from '../../../shared/domains/analytics/model.ts';
import type { NotificationModel } from '../../../shared/domains/notifications/model.ts';
import type { OrderModel } from '../../../shared/domains/orders/model.ts';
import type { RecommendationModel } from '../../../shared/domains/recommendations/model.ts';
import type { ViewerModel } from '../../../shared/domains/users/model.ts';

export type PeriodModel = 'LAST_30_DAYS' | 'LAST_90_DAYS' | 'LAST_12_MONTHS';

/** Its sections ask for what they need themselves; they only have to know the period. */
export interface DashboardModel {
  readonly period: PeriodModel;
}

export interface ProfileSectionModel {
  readonly asOf: string;
  readonly viewer: ViewerModel;
}

export interface OrdersSectionModel {
  readonly asOf: string;
  readonly totalCount: number;
  readonly nodes: readonly OrderModel[];
}

export interface RecommendationsSectionModel {
  readonly asOf: string;
  readonly nodes: readonly RecommendationModel[];
}

export interface AnalyticsSectionModel extends Spending {
  readonly asOf: string;
}

export interface NotificationsSectionModel {
  readonly asOf: string;
  readonly unreadCount: number;
  readonly nodes: readonly NotificationModel[];
}
