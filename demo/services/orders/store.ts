import type { DatabaseSync } from 'node:sqlite';
import { type Currency, shippingFor } from '../../world/money.ts';
import type { OrderStatus } from '../../world/orders.ts';
import type { AddressSeed } from '../../world/users.ts';
import { decodeCursor, encodeCursor } from '../paging.ts';
import { toInstant } from '../wire.ts';

interface Money {
  amount: number;
  currency: string;
}

export interface Order {
  id: string;
  userId: string;
  status: OrderStatus;
  placedAt: string;
  updatedAt: string;
  estimatedDelivery: string | null;
  lines: { lineId: string; productId: string; name: string; quantity: number; unitPrice: Money }[];
  /** Shipping included. */
  total: Money;
  shipping: Money;
  shippingAddress: AddressSeed | null;
  tracking: { carrier: string; code: string } | null;
}

export interface NewOrder {
  id: string;
  userId: string;
  currency: Currency;
  lines: readonly { productId: string; name: string; quantity: number; unitPrice: number }[];
}

export interface OrderPage {
  items: Order[];
  total: number;
  nextCursor: string | null;
}

export interface OrderStore {
  list(userId: string, options: { statuses: readonly string[]; limit: number; cursor: string | undefined }): OrderPage;
  /** In the order asked, without those that this viewer does not have. */
  findOwn(userId: string, ids: readonly string[]): Order[];
  /** An id that no order has had, whether or not it comes to one. */
  nextId(): string;
  add(order: NewOrder): Order;
  setStatus(id: string, status: OrderStatus): void;
}

interface OrderRow {
  seq: number;
  id: string;
  user_id: string;
  status: OrderStatus;
  currency: string;
  placed_at: number;
  updated_at: number;
  estimated_delivery: number | null;
  total: number;
  shipping: number;
  shipping_address: string | null;
  tracking: string | null;
}

interface LineRow {
  order_seq: number;
  position: number;
  product_id: string;
  name: string;
  quantity: number;
  unit_price: number;
}

function fromRow(row: OrderRow, lines: readonly LineRow[]): Order {
  const { id, currency, status } = row;
  return {
    id,
    userId: row.user_id,
    status,
    placedAt: toInstant(row.placed_at),
    updatedAt: toInstant(row.updated_at),
    estimatedDelivery: row.estimated_delivery === null ? null : toInstant(row.estimated_delivery),
    lines: lines.map((line) => ({
      lineId: `${id}-${line.position}`,
      productId: line.product_id,
      name: line.name,
      quantity: line.quantity,
      unitPrice: { amount: line.unit_price, currency },
    })),
    total: { amount: row.total, currency },
    shipping: { amount: row.shipping, currency },
    shippingAddress: row.shipping_address === null ? null : (JSON.parse(row.shipping_address) as AddressSeed),
    tracking: row.tracking === null ? null : (JSON.parse(row.tracking) as Order['tracking']),
  };
}

/** Reads and writes orders. */
export function createOrderStore(database: DatabaseSync, options: { now: () => Date }): OrderStore {
  const ofStatus = '(? = 0 OR status IN (SELECT value FROM json_each(?)))';
  const selectPage = database.prepare(
    `SELECT * FROM orders WHERE user_id = ? AND ${ofStatus} AND (placed_at, seq) < (?, ?)
     ORDER BY placed_at DESC, seq DESC LIMIT ?`,
  );
  const count = database.prepare(`SELECT count(*) AS count FROM orders WHERE user_id = ? AND ${ofStatus}`);
  const selectOwn = database.prepare(
    'SELECT * FROM orders WHERE user_id = ? AND id IN (SELECT value FROM json_each(?))',
  );
  const selectLines = database.prepare(
    'SELECT * FROM order_lines WHERE order_seq IN (SELECT value FROM json_each(?)) ORDER BY order_seq, position',
  );
  const insertOrder = database.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, NULL, NULL)');
  const insertLine = database.prepare('INSERT INTO order_lines VALUES (?, ?, ?, ?, ?, ?)');
  const update = database.prepare(
    'UPDATE orders SET status = ?, estimated_delivery = NULL, updated_at = ? WHERE id = ?',
  );
  const newest = database.prepare('SELECT max(seq) AS seq FROM orders').get() as { seq: number | null } | undefined;
  let lastSeq = newest?.seq ?? 0;

  function withLines(rows: readonly OrderRow[]): Order[] {
    const lines = selectLines.all(JSON.stringify(rows.map((row) => row.seq))) as unknown as LineRow[];
    const byOrder = Map.groupBy(lines, (line) => line.order_seq);
    return rows.map((row) => fromRow(row, byOrder.get(row.seq) ?? []));
  }

  function findOwn(userId: string, ids: readonly string[]): Order[] {
    const found = withLines(selectOwn.all(userId, JSON.stringify(ids)) as unknown as OrderRow[]);
    const byId = new Map(found.map((order) => [order.id, order]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  function write({ id, userId, currency, lines }: NewOrder): void {
    const seq = Number(id.slice('order-'.length));
    const at = options.now().getTime();
    const subtotal = lines.reduce((sum, line) => sum + line.unitPrice * line.quantity, 0);
    const shipping = shippingFor(subtotal, currency).amount;
    database.exec('BEGIN');
    insertOrder.run(seq, id, userId, 'pending', currency, at, at, subtotal + shipping, shipping);
    for (const [position, { productId, name, quantity, unitPrice }] of lines.entries()) {
      insertLine.run(seq, position + 1, productId, name, quantity, unitPrice);
    }
    database.exec('COMMIT');
  }

  return {
    findOwn,
    list(userId, { statuses, limit, cursor }) {
      const filter = [statuses.length, JSON.stringify(statuses)] as const;
      const before = cursor === undefined ? undefined : decodeCursor(cursor, 'orders', ['number', 'number']);
      const [placedAt, seq] = before ?? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
      const rows = selectPage.all(userId, ...filter, placedAt ?? 0, seq ?? 0, limit + 1) as unknown as OrderRow[];
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const total = (count.get(userId, ...filter) as { count: number } | undefined)?.count ?? 0;
      const nextCursor = rows.length > limit && last ? encodeCursor('orders', [last.placed_at, last.seq]) : null;
      return { items: withLines(page), total, nextCursor };
    },
    nextId() {
      lastSeq += 1;
      return `order-${lastSeq}`;
    },
    add(order) {
      write(order);
      const [added] = findOwn(order.userId, [order.id]);
      if (!added) throw new Error('An order that was just written is not there.');
      return added;
    },
    setStatus(id, status) {
      update.run(status, options.now().getTime(), id);
    },
  };
}
