import type { DatabaseSync } from 'node:sqlite';
import type { OrderSeed } from '../../world/orders.ts';

const tables = `
  CREATE TABLE orders (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, status TEXT NOT NULL, currency TEXT NOT NULL,
    placed_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, estimated_delivery INTEGER, total INTEGER NOT NULL,
    shipping INTEGER NOT NULL, shipping_address TEXT, tracking TEXT
  );
  CREATE INDEX orders_by_user ON orders (user_id, placed_at, seq);
  CREATE TABLE order_lines (
    order_seq INTEGER NOT NULL, position INTEGER NOT NULL, product_id TEXT NOT NULL, name TEXT NOT NULL,
    quantity INTEGER NOT NULL, unit_price INTEGER NOT NULL, PRIMARY KEY (order_seq, position)
  ) WITHOUT ROWID;
`;

/** Fills the orders' own tables. */
export function seedOrders(database: DatabaseSync, orders: readonly OrderSeed[]): void {
  database.exec(tables);
  const insertOrder = database.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const insertLine = database.prepare('INSERT INTO order_lines VALUES (?, ?, ?, ?, ?, ?)');
  database.exec('BEGIN');
  for (const [index, order] of orders.entries()) {
    const seq = index + 1;
    const { id, userId, status, currency, total, shipping } = order;
    const times = [order.placedAt.getTime(), order.updatedAt.getTime(), order.estimatedDelivery?.getTime() ?? null];
    const address = order.shippingAddress && JSON.stringify(order.shippingAddress);
    const tracking = order.tracking && JSON.stringify(order.tracking);
    insertOrder.run(seq, id, userId, status, currency, ...times, total.amount, shipping.amount, address, tracking);
    for (const [position, { productId, name, quantity, unitPrice }] of order.lines.entries()) {
      insertLine.run(seq, position + 1, productId, name, quantity, unitPrice.amount);
    }
  }
  database.exec('COMMIT');
}
