import type { ImageFormat } from './image-options.ts';

/** What a picture is encoded as; `fallback` is JPEG, or PNG where the original is transparent. */
export type TargetFormat = Exclude<ImageFormat, 'auto'> | 'fallback';

/**
 * The format for a URL and an `Accept`. AVIF and WebP must be named: clients that cannot show them send a wildcard too.
 * Quality values are read only to see what is refused (`q=0`), as every client that sends others prefers the newer format.
 */
export function chooseFormat(format: ImageFormat, accept: string | undefined): TargetFormat {
  if (format !== 'auto') return format;
  if (accept === undefined) return 'fallback';
  if (accepts(accept, 'image/avif')) return 'avif';
  return accepts(accept, 'image/webp') ? 'webp' : 'fallback';
}

function accepts(accept: string, type: string): boolean {
  if (!accept.includes(type) && !accept.toLowerCase().includes(type)) return false;
  for (const range of accept.toLowerCase().split(',')) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim());
    if (name === type) return !parameters.some((parameter) => /^q=0(\.0{0,3})?$/.test(parameter));
  }
  return false;
}
