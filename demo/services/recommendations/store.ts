import { DatabaseSync } from 'node:sqlite';
import type { World } from '../../world/world.ts';

export type ReasonCode = 'bought-together' | 'similar-to-bought' | 'popular-in-category' | 'bestseller';

export interface Recommendation {
  productId: string;
  reason: { code: ReasonCode; basedOnProductId: string | null };
  /** From 0 to 1, best first. */
  score: number;
}

export interface RecommendationStore {
  forViewer(userId: string, limit: number): Recommendation[];
  popular(limit: number): Recommendation[];
  close(): void;
}

interface Candidate {
  productId: string;
  basedOn: string | null;
  weight: number;
}

const maxKept = 1_000;
const tables = `
  CREATE TABLE facts (product_id TEXT PRIMARY KEY, category_id TEXT NOT NULL, kind TEXT NOT NULL);
  CREATE TABLE purchases (user_id TEXT NOT NULL, product_id TEXT NOT NULL, order_id TEXT NOT NULL, bought_at INTEGER NOT NULL);
  CREATE INDEX purchases_by_user ON purchases (user_id);
  CREATE INDEX purchases_by_order ON purchases (order_id);
`;
const derived = `
  CREATE TABLE pairs AS SELECT a.product_id AS product_id, b.product_id AS other_id, count(*) AS times
    FROM purchases a JOIN purchases b ON a.order_id = b.order_id AND a.product_id <> b.product_id GROUP BY 1, 2;
  CREATE INDEX pairs_by_product ON pairs (product_id);
  CREATE TABLE sales AS SELECT facts.product_id, category_id, kind, count(purchases.order_id) AS times
    FROM facts LEFT JOIN purchases ON purchases.product_id = facts.product_id GROUP BY 1;
  CREATE INDEX sales_by_category ON sales (category_id);
`;

/** Its own copy of who bought what, in the words of this service: no order, no product. */
function seed(database: DatabaseSync, world: World): void {
  database.exec(tables);
  const insertFact = database.prepare('INSERT INTO facts VALUES (?, ?, ?)');
  const insertPurchase = database.prepare('INSERT INTO purchases VALUES (?, ?, ?, ?)');
  database.exec('BEGIN');
  for (const { id, categoryId, description } of world.products) {
    // The first sentence is the same for all sizes and materials of one kind of thing.
    insertFact.run(id, categoryId, description.split('. ')[0] ?? '');
  }
  for (const { id, userId, lines, placedAt, status } of world.orders) {
    if (status === 'cancelled') continue;
    for (const line of lines) insertPurchase.run(userId, line.productId, id, placedAt.getTime());
  }
  database.exec(derived);
  database.exec('COMMIT');
}

/** Three strategies take turns, so that no list is all of one reason. */
function interleave(
  strategies: readonly { code: ReasonCode; candidates: readonly Candidate[] }[],
  limit: number,
): Recommendation[] {
  const seen = new Set<string>();
  const queues = strategies.map(({ code, candidates }) => ({ code, left: [...candidates] }));
  const chosen: Recommendation[] = [];
  while (chosen.length < limit && queues.some((queue) => queue.left.length > 0)) {
    for (const { code, left } of queues) {
      let next = left.shift();
      while (next && seen.has(next.productId)) next = left.shift();
      if (!next || chosen.length >= limit) continue;
      seen.add(next.productId);
      const score = Math.round((1 - chosen.length / (limit + 1)) * 1_000) / 1_000;
      chosen.push({ productId: next.productId, reason: { code, basedOnProductId: next.basedOn }, score });
    }
  }
  return chosen;
}

/** What a viewer might like, from what they and others bought. */
export function createRecommendationStore(world: World): RecommendationStore {
  const database = new DatabaseSync(':memory:');
  seed(database, world);
  const recent = `recent AS (
    SELECT product_id, max(bought_at) AS bought_at FROM purchases WHERE user_id = $userId GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 60
  )`;
  const notBought = 'NOT IN (SELECT product_id FROM purchases WHERE user_id = $userId)';
  // SQLite takes the bare column from the row that holds the maximum.
  const together = database.prepare(`WITH ${recent}
    SELECT other_id AS productId, recent.product_id AS basedOn, max(times) AS weight
    FROM recent JOIN pairs ON pairs.product_id = recent.product_id
    WHERE other_id ${notBought} AND times > 1 GROUP BY other_id ORDER BY weight DESC, productId LIMIT $limit`);
  const similar = database.prepare(`WITH ${recent}
    SELECT sales.product_id AS productId, recent.product_id AS basedOn, max(recent.bought_at) AS weight
    FROM recent JOIN facts ON facts.product_id = recent.product_id
    JOIN sales ON sales.category_id = facts.category_id AND sales.kind = facts.kind
    WHERE sales.product_id ${notBought} GROUP BY sales.product_id ORDER BY weight DESC, times DESC, productId LIMIT $limit`);
  const inCategory = database.prepare(`
    SELECT product_id AS productId, NULL AS basedOn, times AS weight FROM sales
    WHERE category_id IN (
      SELECT category_id FROM purchases JOIN facts USING (product_id) WHERE user_id = $userId
      GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 2
    ) AND product_id ${notBought} ORDER BY times DESC, product_id LIMIT $limit`);
  const bestsellers = database.prepare(`
    SELECT product_id AS productId, NULL AS basedOn, times AS weight FROM sales
    WHERE product_id ${notBought} ORDER BY times DESC, product_id LIMIT $limit`);

  function ask(statement: typeof together, userId: string, limit: number): Candidate[] {
    return statement.all({ userId, limit }) as unknown as Candidate[];
  }

  /** Purchases do not change here once they are seeded, so neither does what follows from them (3 ms to work out). */
  const kept = new Map<string, Recommendation[]>();

  function workOut(userId: string, limit: number): Recommendation[] {
    const strategies = [
      { code: 'bought-together' as const, candidates: ask(together, userId, limit) },
      { code: 'similar-to-bought' as const, candidates: ask(similar, userId, limit) },
      { code: 'popular-in-category' as const, candidates: ask(inCategory, userId, limit) },
    ];
    const personal = interleave(strategies, limit);
    if (personal.length === limit) return personal;
    const all = [...strategies, { code: 'bestseller' as const, candidates: ask(bestsellers, userId, limit) }];
    return interleave(all, limit);
  }

  return {
    forViewer(userId, limit) {
      const key = `${userId}/${limit}`;
      const recommended = kept.get(key) ?? workOut(userId, limit);
      if (kept.size >= maxKept) kept.clear();
      kept.set(key, recommended);
      return recommended;
    },
    popular: (limit) => interleave([{ code: 'bestseller', candidates: ask(bestsellers, '', limit) }], limit),
    close: () => database.close(),
  };
}
