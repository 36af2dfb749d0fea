import type { DatabaseSync } from 'node:sqlite';
import { decodeCursor, encodeCursor } from '../paging.ts';

export interface Search {
  text: string;
  categoryIds: readonly string[];
  brands: readonly string[];
  minPrice: number | undefined;
  maxPrice: number | undefined;
  currency: string;
  onlyInStock: boolean;
  sort: SearchSort;
  limit: number;
  cursor: string | undefined;
}

export type SearchSort = 'relevance' | 'newest' | 'price-asc' | 'price-desc';

export interface SearchOutcome {
  items: { productId: string }[];
  facets: { categories: { categoryId: string; count: number }[]; brands: { brand: string; count: number }[] };
  total: number;
  nextCursor: string | null;
}

interface MatchRow {
  seq: number;
  id: string;
  name: string;
  brand: string;
  categoryId: string;
  amount: number;
  createdAt: number;
  popularity: number;
}

interface Ranked {
  row: MatchRow;
  /** Smaller comes first. */
  rank: number;
}

const maxWords = 10;

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, maxWords);
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Whole numbers only: a float of the machine's own rounding would order pages differently from one to the next. */
function relevance(row: MatchRow, words: readonly string[]): number {
  if (words.length === 0) return row.popularity;
  const name = wordsOf(plain(row.name));
  const brand = plain(row.brand);
  let score = row.popularity;
  for (const word of words.map(plain)) {
    if (name.includes(word)) score += 8_000;
    else if (name.some((part) => part.startsWith(word))) score += 5_000;
    if (brand.includes(word)) score += 3_000;
    if (plain(row.categoryId).startsWith(word)) score += 2_000;
  }
  return score;
}

function rankOf(row: MatchRow, sort: SearchSort, words: readonly string[]): number {
  switch (sort) {
    case 'relevance':
      return -relevance(row, words);
    case 'newest':
      return -row.createdAt;
    case 'price-asc':
      return row.amount;
    case 'price-desc':
      return -row.amount;
  }
}

function countBy(rows: readonly MatchRow[], valueOf: (row: MatchRow) => string): [value: string, count: number][] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(valueOf(row), (counts.get(valueOf(row)) ?? 0) + 1);
  return [...counts].toSorted((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1));
}

/** Finds products by words, filters and price; facets count all matches, not only those of the page. */
export function createSearch(database: DatabaseSync): (search: Search) => SearchOutcome {
  const select = database.prepare(`
    SELECT p.seq, p.id, p.name, p.brand, p.category_id AS categoryId, prices.amount, p.created_at AS createdAt,
      p.rating_count AS popularity
    FROM products p JOIN prices ON prices.product_id = p.id AND prices.currency = $currency
    WHERE ($words = '' OR p.seq IN (SELECT rowid FROM words WHERE words MATCH CASE $words WHEN '' THEN 'none' ELSE $words END))
      AND ($categories = '[]' OR p.category_id IN (SELECT value FROM json_each($categories))
        OR p.category_id IN (SELECT id FROM categories WHERE parent_id IN (SELECT value FROM json_each($categories))))
      AND ($brands = '[]' OR p.brand IN (SELECT value FROM json_each($brands)))
      AND prices.amount BETWEEN $min AND $max
      AND ($inStock = 0 OR p.available > 0)
  `);

  return (search) => {
    const words = wordsOf(search.text);
    const isHopeless = words.length === 0 && search.text.trim() !== '';
    const rows = isHopeless
      ? []
      : (select.all({
          currency: search.currency,
          // Quoted, so that no word is read as an operator of the query language.
          words: words.map((word) => `"${word}"*`).join(' '),
          categories: JSON.stringify(search.categoryIds),
          brands: JSON.stringify(search.brands),
          min: search.minPrice ?? 0,
          max: search.maxPrice ?? Number.MAX_SAFE_INTEGER,
          inStock: Number(search.onlyInStock),
        }) as unknown as MatchRow[]);
    const ranked = rows
      .map((row): Ranked => ({ row, rank: rankOf(row, search.sort, words) }))
      .toSorted((left, right) => left.rank - right.rank || left.row.seq - right.row.seq);
    return { ...pageOf(ranked, search), facets: facetsOf(rows), total: rows.length };
  };
}

function facetsOf(rows: readonly MatchRow[]): SearchOutcome['facets'] {
  return {
    categories: countBy(rows, (row) => row.categoryId).map(([categoryId, count]) => ({ categoryId, count })),
    brands: countBy(rows, (row) => row.brand).map(([brand, count]) => ({ brand, count })),
  };
}

function pageOf(ranked: readonly Ranked[], search: Search): Pick<SearchOutcome, 'items' | 'nextCursor'> {
  const list = `search/${search.sort}`;
  const [afterRank, afterSeq] =
    search.cursor === undefined ? [] : (decodeCursor(search.cursor, list, ['number', 'number']) as number[]);
  const isAfter = ({ rank, row }: Ranked) =>
    afterRank === undefined || afterSeq === undefined || rank > afterRank || (rank === afterRank && row.seq > afterSeq);
  const rest = ranked.filter(isAfter);
  const page = rest.slice(0, search.limit);
  const last = page.at(-1);
  return {
    items: page.map(({ row }) => ({ productId: row.id })),
    nextCursor: last && rest.length > page.length ? encodeCursor(list, [last.rank, last.row.seq]) : null,
  };
}
