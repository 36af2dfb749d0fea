import type { CurrencyCode } from './money.ts';

/** A list of widths in pixels, ascending: every picture's width snaps to one of them, so that caches see few variants. */
export interface ImageProfile {
  readonly widths: readonly number[];
  /** The width of each named size, in points (CSS pixels). */
  readonly sizes: Readonly<Record<'THUMB' | 'CARD' | 'FULL', number>>;
}

/** What differs between the clients, as data. */
export interface ClientProfile {
  /** In logs, metrics, paths of generated files. */
  readonly name: string;
  /** The budget of one GraphQL request. */
  readonly deadlineMs: number;
  /** The budget of an optional section, counted from the request's start. */
  readonly sectionBudgetMs: number;
  /** The costliest document that is served. */
  readonly costLimit: number;
  readonly defaultLocale: string;
  readonly defaultCurrency: CurrencyCode;
  readonly images: ImageProfile;
}
