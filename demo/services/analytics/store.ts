import { DatabaseSync } from 'node:sqlite';
import type { Money } from '../../world/money.ts';
import type { World } from '../../world/world.ts';

export interface Totals {
  spent: Money;
  orders: number;
  items: number;
}

export interface Spending {
  currency: string;
  totals: Totals;
  months: { month: string; spent: Money; orders: number }[];
  categories: { categoryId: string; label: string; spent: Money }[];
}

export interface ActivityEvent {
  type: string;
  subjectId?: string | null;
  at: string;
  userId?: string | null;
  installId?: string | null;
}

export interface AnalyticsStore {
  database: DatabaseSync;
  spending(userId: string, period: Period): Spending;
  totals(userId: string, period: Period): Totals;
  record(events: readonly ActivityEvent[]): void;
}

export interface Period {
  fromMs: number;
  toMs: number;
}

const maxEvents = 50_000;

function seed(database: DatabaseSync, world: World): void {
  database.exec(`
    CREATE TABLE buyers (user_id TEXT PRIMARY KEY, currency TEXT NOT NULL);
    CREATE TABLE sales (
      user_id TEXT NOT NULL, order_id TEXT NOT NULL, sold_at INTEGER NOT NULL, category_id TEXT NOT NULL, label TEXT NOT NULL,
      quantity INTEGER NOT NULL, amount INTEGER NOT NULL
    );
    CREATE INDEX sales_by_user ON sales (user_id, sold_at);
    CREATE TABLE events (
      seq INTEGER PRIMARY KEY, type TEXT NOT NULL, subject_id TEXT, at TEXT NOT NULL, user_id TEXT, install_id TEXT
    );
  `);
  const labels = new Map(world.categories.map((category) => [category.id, category.name]));
  const insertBuyer = database.prepare('INSERT INTO buyers VALUES (?, ?)');
  const insertSale = database.prepare('INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?, ?)');
  database.exec('BEGIN');
  for (const user of world.users) insertBuyer.run(user.id, user.currency);
  for (const order of world.orders) {
    if (order.status === 'cancelled') continue;
    for (const { categoryId, quantity, unitPrice } of order.lines) {
      const label = labels.get(categoryId) ?? categoryId;
      insertSale.run(
        order.userId,
        order.id,
        order.placedAt.getTime(),
        categoryId,
        label,
        quantity,
        unitPrice.amount * quantity,
      );
    }
  }
  database.exec('COMMIT');
}

/** Every calendar month (UTC) that the period touches, oldest first. */
function monthsIn({ fromMs, toMs }: Period): string[] {
  const cursor = new Date(fromMs);
  cursor.setUTCDate(1);
  cursor.setUTCHours(0, 0, 0, 0);
  const months: string[] = [];
  for (; cursor.getTime() < toMs; cursor.setUTCMonth(cursor.getUTCMonth() + 1)) {
    months.push(cursor.toISOString().slice(0, 7));
  }
  return months;
}

/** Its own record of what was sold and looked at; cancelled orders are left out, shipping is not counted. */
export function createAnalyticsStore(world: World): AnalyticsStore {
  const database = new DatabaseSync(':memory:');
  seed(database, world);
  const inPeriod = 'FROM sales WHERE user_id = ? AND sold_at >= ? AND sold_at < ?';
  const selectCurrency = database.prepare('SELECT currency FROM buyers WHERE user_id = ?');
  const selectTotals = database.prepare(
    `SELECT coalesce(sum(amount), 0) AS spent, count(DISTINCT order_id) AS orders, coalesce(sum(quantity), 0) AS items ${inPeriod}`,
  );
  const selectMonths = database.prepare(
    `SELECT strftime('%Y-%m', sold_at / 1000, 'unixepoch') AS month, sum(amount) AS spent, count(DISTINCT order_id) AS orders
     ${inPeriod} GROUP BY month`,
  );
  const selectCategories = database.prepare(
    `SELECT category_id AS categoryId, label, sum(amount) AS spent ${inPeriod}
     GROUP BY category_id, label ORDER BY spent DESC, category_id`,
  );
  const insertEvent = database.prepare(
    'INSERT INTO events (type, subject_id, at, user_id, install_id) VALUES (?, ?, ?, ?, ?)',
  );
  const trimEvents = database.prepare('DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ?');

  function currencyOf(userId: string): Money['currency'] {
    const row = selectCurrency.get(userId) as { currency: Money['currency'] } | undefined;
    return row?.currency ?? 'EUR';
  }

  function totals(userId: string, { fromMs, toMs }: Period): Totals {
    const row = selectTotals.get(userId, fromMs, toMs) as { spent: number; orders: number; items: number } | undefined;
    return {
      spent: { amount: row?.spent ?? 0, currency: currencyOf(userId) },
      orders: row?.orders ?? 0,
      items: row?.items ?? 0,
    };
  }

  return {
    database,
    totals,
    spending(userId, period) {
      const currency = currencyOf(userId);
      const { fromMs, toMs } = period;
      type MonthRow = { month: string; spent: number; orders: number };
      type CategoryRow = { categoryId: string; label: string; spent: number };
      const months = selectMonths.all(userId, fromMs, toMs) as unknown as MonthRow[];
      const categories = selectCategories.all(userId, fromMs, toMs) as unknown as CategoryRow[];
      const byMonth = new Map(months.map((row) => [row.month, row]));
      return {
        currency,
        totals: totals(userId, period),
        months: monthsIn(period).map((month) => {
          const row = byMonth.get(month);
          return { month, spent: { amount: row?.spent ?? 0, currency }, orders: row?.orders ?? 0 };
        }),
        categories: categories.map(({ categoryId, label, spent }) => ({
          categoryId,
          label,
          spent: { amount: spent, currency },
        })),
      };
    },
    record(events) {
      database.exec('BEGIN');
      for (const { type, subjectId, at, userId, installId } of events) {
        insertEvent.run(type, subjectId ?? null, at, userId ?? null, installId ?? null);
      }
      trimEvents.run(maxEvents);
      database.exec('COMMIT');
    },
  };
}
