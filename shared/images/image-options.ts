import { createHash } from 'node:crypto';

export const imageFits = ['cover', 'contain', 'inside', 'attention'] as const;
export const imageFormats = ['auto', 'avif', 'webp', 'jpeg', 'png'] as const;

/** How a picture fills its box; `attention` crops around what the eye looks at first. */
export type ImageFit = (typeof imageFits)[number];
/** `auto` leaves the choice to the request's `Accept`. */
export type ImageFormat = (typeof imageFormats)[number];

/** What is done to an original. */
export interface ImageOptions {
  /** The content version of the original: another version is another picture. */
  readonly version: string;
  /** In pixels. */
  readonly width: number;
  /** In pixels; without it the original's ratio is kept. */
  readonly height?: number | undefined;
  readonly fit: ImageFit;
  readonly format: ImageFormat;
  /** A smaller file at a lower quality. */
  readonly isDataSaver?: boolean | undefined;
  /** The last day on which the URL works, `YYYY-MM-DD` in UTC; without it, it works for ever. */
  readonly expiresOn?: string | undefined;
}

const versionPattern = /^[A-Za-z0-9_-]{1,40}$/;
const sizePattern = /^[1-9]\d{0,4}$/;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Writes the options as they stand in a URL: always in the same order, so that the same picture has the same URL.
 * Parted by dots: a comma is percent-encoded by some clients and ends a URL for some readers of `srcSet`.
 */
export function formatImageOptions(keyId: string, options: ImageOptions): string {
  let text = `k_${keyId}.v_${canonicalVersion(options.version)}.w_${options.width}`;
  if (options.height !== undefined) text += `.h_${options.height}`;
  text += `.c_${options.fit}.f_${options.format}`;
  if (options.isDataSaver === true) text += '.s_1';
  if (options.expiresOn !== undefined) text += `.x_${options.expiresOn}`;
  return text;
}

/** Reads what `formatImageOptions` wrote; null for anything else: unknown, doubled or missing options, sizes that are no sizes. */
export function parseImageOptions(text: string): ImageOptions | null {
  const values = new Map<string, string>();
  for (const part of text.split('.')) {
    if (part[1] !== '_' || values.has(part[0] ?? '')) return null;
    values.set(part.slice(0, 1), part.slice(2));
  }
  const { k, v, w, h, c, f, s, x, ...unknown } = Object.fromEntries(values);
  if (k === undefined || v === undefined || !versionPattern.test(v)) return null;
  if (w === undefined || !sizePattern.test(w) || (h !== undefined && !sizePattern.test(h))) return null;
  if ((s !== undefined && s !== '1') || (x !== undefined && !isDay(x)) || Object.keys(unknown).length > 0) return null;
  const fit = imageFits.find((known) => known === c);
  const format = imageFormats.find((known) => known === f);
  if (fit === undefined || format === undefined) return null;
  return {
    version: v,
    width: Number(w),
    ...(h === undefined ? {} : { height: Number(h) }),
    fit,
    format,
    isDataSaver: s === '1',
    ...(x === undefined ? {} : { expiresOn: x }),
  };
}

/** The version as a URL carries it: one that would not survive in a path is replaced by its digest. */
export function canonicalVersion(version: string): string {
  if (versionPattern.test(version)) return version;
  return createHash('sha256').update(version).digest('base64url').slice(0, 22);
}

/** Epoch milliseconds at which a day in UTC is over. */
export function endOfDayMs(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`) + 86_400_000;
}

/** `Date` takes the 31st of February for the 3rd of March. */
function isDay(text: string): boolean {
  const startMs = Date.parse(`${text}T00:00:00.000Z`);
  return dayPattern.test(text) && !Number.isNaN(startMs) && new Date(startMs).toISOString().startsWith(text);
}
