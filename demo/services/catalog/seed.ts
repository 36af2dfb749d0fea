import type { DatabaseSync } from 'node:sqlite';
import type { World } from '../../world/world.ts';

const tables = `
  CREATE TABLE categories (id TEXT PRIMARY KEY, name TEXT NOT NULL, parent_id TEXT, position INTEGER NOT NULL);
  CREATE TABLE products (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sku TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
    brand TEXT NOT NULL, category_id TEXT NOT NULL, prices TEXT NOT NULL, available INTEGER NOT NULL, images TEXT NOT NULL,
    rating_average REAL NOT NULL, rating_count INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
  );
  CREATE TABLE prices (
    product_id TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (product_id, currency)
  ) WITHOUT ROWID;
  CREATE VIRTUAL TABLE words USING fts5 (name, brand, category, description, tokenize = 'unicode61 remove_diacritics 2');
  CREATE TABLE reservations (order_id TEXT PRIMARY KEY, lines TEXT NOT NULL, is_released INTEGER NOT NULL DEFAULT 0);
`;

/** Fills the catalog's own tables. */
export function seedCatalog(database: DatabaseSync, world: World): void {
  database.exec(tables);
  const insertCategory = database.prepare('INSERT INTO categories VALUES (?, ?, ?, ?)');
  const insertProduct = database.prepare('INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const insertPrice = database.prepare('INSERT INTO prices VALUES (?, ?, ?)');
  const insertWords = database.prepare(
    'INSERT INTO words (rowid, name, brand, category, description) VALUES (?, ?, ?, ?, ?)',
  );
  const categoryNames = new Map(world.categories.map((category) => [category.id, category.name]));

  database.exec('BEGIN');
  for (const { id, name, parentId, position } of world.categories) insertCategory.run(id, name, parentId, position);
  for (const [index, product] of world.products.entries()) {
    const seq = index + 1;
    const { id, sku, name, description, brand, categoryId, available, ratingAverage, ratingCount } = product;
    const prices = JSON.stringify(product.prices);
    const images = JSON.stringify(product.images);
    const times = [product.createdAt.getTime(), product.updatedAt.getTime()];
    insertProduct.run(
      seq,
      id,
      sku,
      name,
      description,
      brand,
      categoryId,
      prices,
      available,
      images,
      ratingAverage,
      ratingCount,
      ...times,
    );
    for (const { currency, amount } of product.prices) insertPrice.run(id, currency, amount);
    insertWords.run(seq, name, brand, categoryNames.get(categoryId) ?? '', description);
  }
  database.exec('COMMIT');
}
