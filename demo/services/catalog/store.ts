import type { DatabaseSync } from 'node:sqlite';
import type { Money } from '../../world/money.ts';
import type { ProductImageSeed } from '../../world/products.ts';
import { toInstant } from '../wire.ts';

export interface Product {
  id: string;
  sku: string;
  name: string;
  description: string;
  brand: string;
  categoryId: string;
  prices: Money[];
  stock: { available: number; status: 'in-stock' | 'low-stock' | 'out-of-stock' };
  images: { url: string; width: number; height: number; alt: string; version: string }[];
  rating: { average: number; count: number };
  createdAt: string;
  updatedAt: string;
}

export interface Category {
  id: string;
  name: string;
  parentId: string | null;
  position: number;
}

export interface CatalogStore {
  /** In the order asked, without those that the shop does not have. */
  products(ids: readonly string[]): Product[];
  categories(): Category[];
  category(id: string): Category | undefined;
}

interface ProductRow {
  id: string;
  sku: string;
  name: string;
  description: string;
  brand: string;
  category_id: string;
  prices: string;
  available: number;
  images: string;
  rating_average: number;
  rating_count: number;
  created_at: number;
  updated_at: number;
}

const lowStockUpTo = 5;

function stockStatus(available: number): Product['stock']['status'] {
  if (available <= 0) return 'out-of-stock';
  return available <= lowStockUpTo ? 'low-stock' : 'in-stock';
}

function fromRow(row: ProductRow, mediaUrl: string): Product {
  const images = JSON.parse(row.images) as ProductImageSeed[];
  return {
    id: row.id,
    sku: row.sku,
    name: row.name,
    description: row.description,
    brand: row.brand,
    categoryId: row.category_id,
    prices: JSON.parse(row.prices) as Money[],
    stock: { available: row.available, status: stockStatus(row.available) },
    images: images.map(({ file, ...image }) => ({ url: `${mediaUrl}/photos/${file}`, ...image })),
    rating: { average: row.rating_average, count: row.rating_count },
    createdAt: toInstant(row.created_at),
    updatedAt: toInstant(row.updated_at),
  };
}

/** Reads products and categories. */
export function createCatalogStore(database: DatabaseSync, options: { mediaUrl: string }): CatalogStore {
  const selectProducts = database.prepare('SELECT * FROM products WHERE id IN (SELECT value FROM json_each(?))');
  const categoryColumns = 'SELECT id, name, parent_id AS parentId, position FROM categories';
  const selectCategories = database.prepare(`${categoryColumns} ORDER BY position`);
  const selectCategory = database.prepare(`${categoryColumns} WHERE id = ?`);

  return {
    products(ids) {
      const rows = selectProducts.all(JSON.stringify(ids)) as unknown as ProductRow[];
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.flatMap((id) => {
        const row = byId.get(id);
        return row ? [fromRow(row, options.mediaUrl)] : [];
      });
    },
    categories: () => selectCategories.all() as unknown as Category[],
    category: (id) => selectCategory.get(id) as Category | undefined,
  };
}
