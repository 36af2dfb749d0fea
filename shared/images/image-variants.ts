import type { ImageFit } from './image-options.ts';

export interface Size {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** The box that a variant is made for; without a height the original's ratio is kept. */
export interface Box {
  readonly width: number;
  readonly height?: number | undefined;
}

/** Width to height of a box. A list, since every further ratio is one more variant of every picture at every width. */
export const aspectRatios = {
  '1:1': 1,
  '4:3': 4 / 3,
  '3:4': 3 / 4,
  '3:2': 3 / 2,
  '2:3': 2 / 3,
  '16:9': 16 / 9,
} as const;

export type AspectRatio = keyof typeof aspectRatios;

/** The smallest of `widths` (ascending) that is not below `width`, or the largest there is. */
export function snapWidth(widths: readonly number[], width: number): number {
  const [last] = widths.slice(-1);
  if (last === undefined) throw new TypeError('image widths: the list is empty');
  return widths.find((offered) => offered >= width) ?? last;
}

/** The height in pixels of a box of this width and ratio. */
export function boxHeight(width: number, ratio: AspectRatio): number {
  return Math.max(1, Math.round(width / aspectRatios[ratio]));
}

/** Whether a height belongs to this width at one of the ratios that are offered. */
export function isOfferedHeight(width: number, height: number): boolean {
  return Object.values(aspectRatios).some((ratio) => Math.max(1, Math.round(width / ratio)) === height);
}

// WebP's own limit; AVIF's is one more. A description of 750 x 40,000 pixels is narrower rather than none at all.
const maxSide = 16_383;

/**
 * The size of the variant of an original of size `original` in `box`. Nothing is enlarged: where the original is too small the
 * box shrinks at its own ratio, as the screen enlarges as well as the server and the extra pixels would only cost bytes.
 */
export function variantSize(original: Size, box: Box, fit: ImageFit): Size {
  const across = original.width / box.width;
  if (box.height === undefined) return scale(original, 1 / Math.max(1, across, original.height / maxSide));
  const down = original.height / box.height;
  switch (fit) {
    case 'inside':
      return scale(original, 1 / Math.max(1, across, down));
    case 'contain':
      return scale({ width: box.width, height: box.height }, Math.min(1, Math.max(across, down)));
    case 'cover':
    case 'attention':
      return scale({ width: box.width, height: box.height }, Math.min(1, across, down));
  }
}

function scale(size: Size, factor: number): Size {
  return {
    width: Math.max(1, Math.round(size.width * factor)),
    height: Math.max(1, Math.round(size.height * factor)),
  };
}
