import type { CurrencyCode, MoneyModel } from '../../shared/money.ts';

/** What the services answer, as far as the screens show it. */
export interface WirePicture {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

export interface WireUser extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly locale: string;
  readonly currency: CurrencyCode;
  readonly avatar: WirePicture;
}

export interface WireProduct {
  readonly id: string;
  readonly name: string;
  readonly prices: readonly MoneyModel[];
  readonly stock: { readonly available: number; readonly status: string };
  readonly images: readonly (WirePicture & { readonly alt: string; readonly version: string })[];
}

export interface WireRecommendation {
  readonly productId: string;
  readonly reason: { readonly code: string; readonly basedOnProductId: string | null };
}

export interface WireOrderLine {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: MoneyModel;
}

export interface WireOrder {
  readonly id: string;
  readonly status: string;
  readonly placedAt: string;
  readonly estimatedDelivery: string | null;
  readonly total: MoneyModel;
  readonly lines: readonly WireOrderLine[];
}

export interface WireTotals {
  readonly spent: MoneyModel;
  readonly orders: number;
  readonly items: number;
}

export interface WireSpending {
  readonly from: string;
  readonly to: string;
  readonly totals: WireTotals;
  readonly months: readonly { readonly month: string; readonly spent: MoneyModel; readonly orders: number }[];
  readonly categories: readonly { readonly label: string; readonly spent: MoneyModel }[];
  readonly previous: { readonly totals: WireTotals };
}

export interface WireNotification {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly body: string;
  readonly createdAt: string;
}

export interface WirePage<T> {
  readonly items: readonly T[];
  readonly total: number;
}

export interface WireNotifications extends WirePage<WireNotification> {
  readonly unreadCount: number;
}

/** `in-stock` is `IN_STOCK` for the client. */
export function toEnum(word: string): string {
  return word.toUpperCase().replaceAll('-', '_');
}
