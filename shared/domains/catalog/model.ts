import type { AppError } from '../../errors.ts';
import type { CurrencyCode, MoneyModel } from '../../money.ts';
import type { Sourced } from '../../provenance.ts';

export interface PictureModel {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly alt: string;
}

export interface Photograph extends PictureModel {
  /** Changes whenever the photograph does. */
  readonly version: string;
}

/** What of a product changes rarely. */
export interface ProductDetails {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly brand: string;
  readonly categoryId: string;
  readonly images: readonly Photograph[];
  readonly rating: RatingModel;
}

export interface RatingModel {
  readonly average: number;
  readonly count: number;
}

export type AvailabilityModel = 'IN_STOCK' | 'LOW_STOCK' | 'OUT_OF_STOCK';

/** What of a product changes by the minute: kept for a far shorter time than the rest. */
export interface Offer {
  readonly prices: readonly MoneyModel[];
  readonly stock: number;
  readonly availability: AvailabilityModel;
}

export interface ProductModel extends ProductDetails {
  /** Or why it could not be had: the product is kept for a day, its price for minutes. */
  readonly offer: Sourced<Offer> | AppError;
  /** Whether it belongs to a section: what else is asked for it is waited for as a section is. */
  readonly isInSection: boolean;
}

export interface CategoryModel {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
}

export type SearchSortModel = 'RELEVANCE' | 'NEWEST' | 'PRICE_ASC' | 'PRICE_DESC';

export interface SearchRequest {
  readonly query: string;
  readonly categoryIds: readonly string[];
  readonly brands: readonly string[];
  /** In minor units of `currency`. */
  readonly minPrice: number | undefined;
  /** In minor units of `currency`. */
  readonly maxPrice: number | undefined;
  readonly currency: CurrencyCode;
  readonly isInStock: boolean | undefined;
  readonly sort: SearchSortModel;
  readonly first: number;
  readonly after: string | undefined;
}

export interface SearchResult {
  readonly productIds: readonly string[];
  readonly totalCount: number;
  readonly endCursor: string | null;
  readonly facets: SearchFacetsModel;
}

export interface SearchFacetsModel {
  readonly categories: readonly CategoryFacetModel[];
  readonly brands: readonly { readonly brand: string; readonly count: number }[];
}

export interface CategoryFacetModel {
  readonly categoryId: string;
  readonly count: number;
}

export type ProductConnectionModel = SearchResult;

export interface QuoteLine {
  readonly productId: string;
  readonly quantity: number;
}

export interface CheckoutQuoteModel {
  readonly lines: readonly CheckoutQuoteLineModel[];
}

export interface CheckoutQuoteLineModel extends QuoteLine {
  readonly unitPrice: MoneyModel | null;
  readonly available: number;
}
