import type { MoneyModel } from '../../money.ts';

export interface SpendingRequest {
  /** The last so many days, up to the moment when the service is asked: what is kept stands in for as long as it is kept. */
  readonly days: number;
}

export interface SpendingTotalsModel {
  readonly spent: MoneyModel;
  readonly orderCount: number;
  readonly productCount: number;
}

export interface MonthlySpendingModel {
  readonly month: string;
  readonly spent: MoneyModel;
  readonly orderCount: number;
}

export interface CategorySpendingModel {
  readonly categoryId: string;
  /** As the category was called when it was bought from. */
  readonly name: string;
  readonly spent: MoneyModel;
  readonly sharePercent: number;
}

export interface Spending {
  readonly from: string;
  readonly to: string;
  readonly totals: SpendingTotalsModel;
  readonly previousTotals: SpendingTotalsModel;
  readonly months: readonly MonthlySpendingModel[];
  /** Most first. */
  readonly categories: readonly CategorySpendingModel[];
}

export type ActivityTypeModel = 'PRODUCT_VIEWED' | 'CATEGORY_VIEWED' | 'SEARCHED' | 'CART_CHANGED' | 'CHECKOUT_STARTED';

export interface Activity {
  readonly type: ActivityTypeModel;
  readonly subjectId: string | null;
  readonly at: string;
}
