import type { CachedRead } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import type { Downstream } from '../../downstream/downstream.ts';
import type { Endpoint } from '../../downstream/endpoint.ts';
import type { AppError } from '../../errors.ts';
import type { CurrencyCode } from '../../money.ts';
import { byId, unreadable, WireReader, type WireRecord } from '../../wire-reader.ts';
import type {
  AvailabilityModel,
  CategoryModel,
  CheckoutQuoteModel,
  Offer,
  ProductDetails,
  QuoteLine,
  SearchRequest,
  SearchResult,
  SearchSortModel,
} from './model.ts';

export const catalogEndpoints = {
  products: { service: 'catalog', method: 'GET', route: '/products', identity: 'service', query: ['ids'] },
  search: {
    service: 'catalog',
    method: 'GET',
    route: '/search',
    identity: 'service',
    query: ['q', 'category', 'brand', 'minPrice', 'maxPrice', 'currency', 'inStock', 'sort', 'limit', 'cursor'],
    // The whole screen waits for this one call, and what it costs to ask twice is bounded by the retry budget.
    isHedged: true,
  },
  categories: { service: 'catalog', method: 'GET', route: '/categories', identity: 'service' },
  quotes: { service: 'catalog', method: 'POST', route: '/quotes', identity: 'service', isRead: true },
} as const satisfies Record<string, Endpoint>;

const availabilities = new Map<string, AvailabilityModel>([
  ['in-stock', 'IN_STOCK'],
  ['low-stock', 'LOW_STOCK'],
  ['out-of-stock', 'OUT_OF_STOCK'],
]);

const wireSorts: Readonly<Record<SearchSortModel, string>> = {
  RELEVANCE: 'relevance',
  NEWEST: 'newest',
  PRICE_ASC: 'price-asc',
  PRICE_DESC: 'price-desc',
};

export interface ProductParts {
  readonly details: ProductDetails;
  readonly offer: Offer;
}

/** The catalog's reads, and what they keep. */
export interface CatalogClient {
  readonly products: CachedRead<string, ProductParts, CallScope>;
  readonly search: CachedRead<SearchRequest, { readonly result: SearchResult }, CallScope>;
  readonly categories: CachedRead<'all', { readonly list: readonly CategoryModel[] }, CallScope>;
  /** The price and stock that hold now: never kept. */
  quote(lines: readonly QuoteLine[], currency: CurrencyCode, scope: CallScope): Promise<CheckoutQuoteModel>;
}

/** Declares every call that this layer makes to the catalog. */
export function createCatalogClient(downstream: Downstream): CatalogClient {
  return {
    products: {
      name: 'catalog.products',
      service: 'catalog',
      audience: 'public',
      maxBatch: 100,
      parts: {
        details: {
          version: 1,
          windows: { freshForMs: 60_000, revalidateForMs: 60_000, keepForMs: 24 * 3_600_000 },
        },
        offer: { version: 1, windows: { freshForMs: 10_000, revalidateForMs: 5_000, keepForMs: 300_000 } },
      },
      keyOf: (id) => [id],
      tagsOf: (id) => [`product:${id}`],
      async fetch(ids, scope) {
        const answer = await downstream.call(
          catalogEndpoints.products,
          { query: { ids }, keyCount: ids.length },
          scope,
        );
        return readProducts(answer.body, ids);
      },
    },
    search: {
      name: 'catalog.search',
      service: 'catalog',
      audience: 'public',
      maxBatch: 1,
      parts: {
        result: { version: 1, windows: { freshForMs: 30_000, revalidateForMs: 30_000, keepForMs: 600_000 } },
      },
      keyOf: (request) => [JSON.stringify(toSearchQuery(request))],
      async fetch([request], scope) {
        if (request === undefined) return new Map();
        const answer = await downstream.call(catalogEndpoints.search, { query: toSearchQuery(request) }, scope);
        return new Map([[request, { result: readSearchResult(answer.body) }]]);
      },
    },
    categories: {
      name: 'catalog.categories',
      service: 'catalog',
      audience: 'public',
      maxBatch: 1,
      parts: {
        list: { version: 1, windows: { freshForMs: 60_000, revalidateForMs: 60_000, keepForMs: 24 * 3_600_000 } },
      },
      keyOf: () => [],
      async fetch(_keys, scope) {
        const answer = await downstream.call(catalogEndpoints.categories, {}, scope);
        return new Map([['all' as const, { list: readCategories(answer.body) }]]);
      },
    },
    async quote(lines, currency, scope) {
      const answer = await downstream.call(
        catalogEndpoints.quotes,
        { body: { currency, lines }, keyCount: lines.length },
        scope,
      );
      return readQuote(answer.body, { lines, currency });
    },
  };
}

function readProducts(body: unknown, ids: readonly string[]): Map<string, ProductParts | AppError> {
  const wire = new WireReader('catalog');
  const products = wire.eachByItself(wire.record(body, 'products'), 'items', (record) => ({
    details: readDetails(wire, record),
    offer: readOffer(wire, record),
  }));
  return byId(ids, products, (product) => [product.details.id, product]);
}

function readDetails(wire: WireReader, record: WireRecord): ProductDetails {
  return wire.finish({
    id: wire.key(record, 'id'),
    sku: wire.text(record, 'sku'),
    name: wire.text(record, 'name'),
    description: wire.text(record, 'description'),
    brand: wire.text(record, 'brand'),
    categoryId: wire.reference(record, 'categoryId'),
    images: wire.nestedList(record, 'images', (image) => ({
      url: wire.text(image, 'url'),
      width: wire.integer(image, 'width'),
      height: wire.integer(image, 'height'),
      alt: wire.text(image, 'alt'),
      version: wire.text(image, 'version'),
    })),
    rating: wire.nested(record, 'rating', (rating) => ({
      average: wire.decimal(rating, 'average'),
      count: wire.integer(rating, 'count'),
    })),
  });
}

function readOffer(wire: WireReader, record: WireRecord): Offer {
  const prices = wire.moneyList(record, 'prices');
  const stock = wire.nested(record, 'stock', (nested) => ({
    available: wire.integer(nested, 'available'),
    status: wire.word(nested, 'status', availabilities),
  }));
  return wire.finish({
    prices,
    stock: unreadable(stock) ?? stock.available,
    availability: unreadable(stock) ?? stock.status,
  });
}

function toSearchQuery(
  request: SearchRequest,
): Record<string, string | number | boolean | readonly string[] | undefined> {
  return {
    q: request.query,
    category: request.categoryIds.length > 0 ? request.categoryIds : undefined,
    brand: request.brands.length > 0 ? request.brands : undefined,
    minPrice: request.minPrice,
    maxPrice: request.maxPrice,
    currency: request.currency,
    inStock: request.isInStock,
    sort: wireSorts[request.sort],
    limit: request.first,
    cursor: request.after,
  };
}

function readSearchResult(body: unknown): SearchResult {
  const wire = new WireReader('catalog');
  const record = wire.record(body, 'search');
  return wire.finish({
    productIds: wire.each(record, 'items', (item) => wire.reference(item, 'productId')),
    totalCount: wire.integer(record, 'total'),
    endCursor: wire.optionalText(record, 'nextCursor'),
    facets: wire.nested(record, 'facets', (facets) => ({
      categories: wire.nestedList(facets, 'categories', (facet) => ({
        categoryId: wire.reference(facet, 'categoryId'),
        count: wire.integer(facet, 'count'),
      })),
      brands: wire.nestedList(facets, 'brands', (facet) => ({
        brand: wire.text(facet, 'brand'),
        count: wire.integer(facet, 'count'),
      })),
    })),
  });
}

function readCategories(body: unknown): readonly CategoryModel[] {
  const wire = new WireReader('catalog');
  return wire.finish(
    wire.each(wire.record(body, 'categories'), 'items', (record) => ({
      id: wire.key(record, 'id'),
      name: wire.text(record, 'name'),
      parentId: wire.optionalText(record, 'parentId'),
    })),
  );
}

interface AskedQuote {
  readonly lines: readonly QuoteLine[];
  readonly currency: CurrencyCode;
}

/** @throws AppError `DOWNSTREAM_BAD_RESPONSE` where it is no quote for just these lines in this currency: nothing else may be summed up. */
function readQuote(body: unknown, { lines: asked, currency }: AskedQuote): CheckoutQuoteModel {
  const wire = new WireReader('catalog');
  const lines = wire.list(wire.record(body, 'quotes'), 'lines').map((line) => wire.record(line, 'lines'));
  if (!areSame(lines.map(lineKey), asked.map(lineKey))) throw wire.mismatch('lines', 'a quote for the lines asked for');
  return {
    lines: lines.map((record) => {
      const unitPrice = record['unitPrice'] == null ? null : wire.money(record, 'unitPrice');
      if (unitPrice?.currency !== undefined && unitPrice.currency !== currency) {
        throw wire.mismatch('unitPrice', `a price in ${currency}`);
      }
      return {
        productId: wire.key(record, 'productId'),
        quantity: wire.integer(record, 'quantity'),
        unitPrice,
        available: wire.integer(record, 'available'),
      };
    }),
  };
}

function lineKey({ productId, quantity }: { readonly productId?: unknown; readonly quantity?: unknown }): string {
  return JSON.stringify([productId, quantity]);
}

/** In whatever order. */
function areSame(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify(left.toSorted()) === JSON.stringify(right.toSorted());
}
