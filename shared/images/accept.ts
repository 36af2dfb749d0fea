import type { ImageFormat } from './image-options.ts';

/** What a picture is encoded as; `fallback` is JPEG, or PNG where the original is transparent. */
export type TargetFormat = Exclude<ImageFormat, 'auto'> | 'fallback';

/**
 * The format for a URL and an `Accept`: what the client prefers, of equals the smaller. AVIF and WebP must be named: clients that
 * cannot show them send a wildcard too. The fallback is sent to who accepts nothing of all this, as a picture is better than none.
 */
export function chooseFormat(format: ImageFormat, accept: string | undefined): TargetFormat {
  if (format !== 'auto') return format;
  // What most clients that get the fallback send, and nothing to be read.
  if (accept === undefined || !/image\/(avif|webp)/i.test(accept)) return 'fallback';
  const ranges = readRanges(accept);
  const [avif, webp] = [ranges.get('image/avif') ?? 0, ranges.get('image/webp') ?? 0];
  const fallback = ranges.get('image/jpeg') ?? ranges.get('image/*') ?? ranges.get('*/*') ?? 0;
  const newer = Math.max(avif, webp);
  if (newer === 0 || newer < fallback) return 'fallback';
  return avif === newer ? 'avif' : 'webp';
}

/** RFC 9110, 12.5.1: media ranges with their weights; one that cannot be read is 1, as without. */
function readRanges(accept: string): ReadonlyMap<string, number> {
  const ranges = new Map<string, number>();
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weights = parameters.map((parameter) => /^q *= *([01](?:\.\d{0,3})?)$/.exec(parameter)?.[1]);
    ranges.set(name, Number(weights.find((weight) => weight !== undefined) ?? 1));
  }
  return ranges;
}
