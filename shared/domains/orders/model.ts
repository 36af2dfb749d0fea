import type { CurrencyCode, MoneyModel } from '../../money.ts';

export type OrderStatusModel = 'PENDING' | 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED';

export interface OrderModel {
  readonly id: string;
  readonly status: OrderStatusModel;
  readonly placedAt: string;
  readonly updatedAt: string;
  readonly estimatedDelivery: string | null;
  readonly lines: readonly OrderLineModel[];
  readonly total: MoneyModel;
  readonly shipping: MoneyModel;
  readonly shippingAddress: ShippingAddress | null;
  readonly tracking: TrackingModel | null;
}

export interface OrderLineModel {
  readonly productId: string;
  /** As it was called when it was bought. */
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: MoneyModel;
}

export interface ShippingAddress {
  readonly id: string;
  readonly label: string;
  readonly lines: readonly string[];
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
  readonly isDefault: boolean;
}

export interface TrackingModel {
  readonly carrier: string;
  readonly code: string;
}

export interface OrderPageRequest {
  readonly statuses: readonly OrderStatusModel[];
  readonly first: number;
  readonly after: string | undefined;
}

export interface OrderPage {
  readonly orders: readonly OrderModel[];
  readonly totalCount: number;
  readonly endCursor: string | null;
}

export interface OrderConnectionModel extends OrderPage {}

export interface OrderRequest {
  readonly currency: CurrencyCode;
  readonly lines: readonly { readonly productId: string; readonly quantity: number; readonly unitPrice: number }[];
}

interface Failed<Name extends string> {
  readonly __typename: Name;
  readonly message: string;
}

export type PlaceOrderFailureModel =
  | (Failed<'OutOfStock'> & { readonly productId: string; readonly available: number })
  | (Failed<'PriceChanged'> & { readonly productId: string; readonly currentPrice: MoneyModel })
  | (Failed<'ProductUnavailable'> & { readonly productId: string })
  | (Failed<'InvalidInput'> & { readonly field: string | null })
  | Failed<'IdempotencyKeyReused'>
  | Failed<'OutcomeUnknown'>;

export type CancelOrderFailureModel =
  | Failed<'AlreadyShipped'>
  | Failed<'AlreadyCancelled'>
  | Failed<'OrderNotFound'>
  | Failed<'IdempotencyKeyReused'>
  | Failed<'OutcomeUnknown'>;
