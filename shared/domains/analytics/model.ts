import type { MoneyModel } from '../../money.ts';

export interface SpendingRequest {
  /** RFC 3339, on a full hour: two requests within the hour share what is kept. */
  readonly from: string;
  readonly to: string;
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
