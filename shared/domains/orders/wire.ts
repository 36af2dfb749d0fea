import type { AppError } from '../../errors.ts';
import { byId, WireReader, type WireRecord } from '../../wire-reader.ts';
import type { OrderLineModel, OrderModel, OrderPage, OrderStatusModel, ShippingAddress } from './model.ts';

const statuses = new Map<string, OrderStatusModel>([
  ['pending', 'PENDING'],
  ['confirmed', 'CONFIRMED'],
  ['shipped', 'SHIPPED'],
  ['delivered', 'DELIVERED'],
  ['cancelled', 'CANCELLED'],
]);

/** The orders service's word for a status. */
export function toWireStatus(status: OrderStatusModel): string {
  return status.toLowerCase();
}

/** @throws AppError `DOWNSTREAM_BAD_RESPONSE` where it is no order of this viewer. */
export function readOrder(body: unknown, viewerId: string | null): OrderModel {
  return toOrder(new WireReader('orders'), body, viewerId);
}

/** @throws AppError `DOWNSTREAM_BAD_RESPONSE` where it is no page of this viewer's orders. */
export function readOrderPage(body: unknown, viewerId: string | null): OrderPage {
  const wire = new WireReader('orders');
  const record = wire.ownedRecord(body, 'orders', viewerId);
  const orders = wire.list(record, 'items').map((item) => toOrder(wire, item, viewerId));
  return wire.finish({
    orders,
    totalCount: wire.integer(record, 'total'),
    endCursor: wire.optionalText(record, 'nextCursor'),
  });
}

/**
 * The orders of a batch by id. Another's is left out, as the service should have done: whoever asks for it is told what they
 * are told of one that does not exist. What cannot be read may be any that is missing.
 *
 * @throws AppError `DOWNSTREAM_BAD_RESPONSE` where it is no list of this viewer's orders.
 */
export function readOrders(
  body: unknown,
  ids: readonly string[],
  viewerId: string | null,
): Map<string, { readonly order: OrderModel } | AppError> {
  const wire = new WireReader('orders');
  const read = wire.eachByItself(wire.ownedRecord(body, 'orders', viewerId), 'items', (item) =>
    isForeign(item, viewerId) ? undefined : wire.finish(toOrder(wire, item, viewerId)),
  );
  return byId(ids, read, (order) => order && [order.id, { order }]);
}

function isForeign({ userId }: WireRecord, viewerId: string | null): boolean {
  return typeof userId === 'string' && userId !== viewerId;
}

function toOrder(wire: WireReader, item: unknown, viewerId: string | null): OrderModel {
  const record = wire.ownedRecord(item, 'order', viewerId);
  return {
    id: wire.key(record, 'id'),
    status: wire.word(record, 'status', statuses),
    placedAt: wire.time(record, 'placedAt'),
    updatedAt: wire.time(record, 'updatedAt'),
    estimatedDelivery: wire.optionalTime(record, 'estimatedDelivery'),
    lines: wire.nestedList(record, 'lines', (line) => readLine(wire, line)),
    total: wire.money(record, 'total'),
    shipping: wire.money(record, 'shipping'),
    shippingAddress: wire.optionalNested(record, 'shippingAddress', (address) => readAddress(wire, address)),
    tracking: wire.optionalNested(record, 'tracking', (tracking) => ({
      carrier: wire.text(tracking, 'carrier'),
      code: wire.text(tracking, 'code'),
    })),
  };
}

function readLine(wire: WireReader, record: WireRecord): OrderLineModel {
  return {
    productId: wire.reference(record, 'productId'),
    name: wire.text(record, 'name'),
    quantity: wire.integer(record, 'quantity'),
    unitPrice: wire.money(record, 'unitPrice'),
  };
}

function readAddress(wire: WireReader, record: WireRecord): ShippingAddress {
  return {
    id: wire.text(record, 'id'),
    label: wire.text(record, 'label'),
    lines: wire.texts(record, 'lines'),
    city: wire.text(record, 'city'),
    postalCode: wire.text(record, 'postalCode'),
    country: wire.text(record, 'country'),
    isDefault: wire.boolean(record, 'isDefault'),
  };
}
