import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { AppError } from '../errors.ts';
import { unreadableOriginal } from './image-failure.ts';
import type { ImageLimits } from './image-settings.ts';
import type { Size } from './image-variants.ts';
import { readPictureStructure } from './picture-structure.ts';
import { readPictureType } from './picture-type.ts';

/** What the header of an original says. */
export interface OriginalHeader extends Size {
  /** Whether it has 16 bits a channel, in colour. */
  readonly isDeep: boolean;
  readonly hasAlpha: boolean;
}

export type DecodingLimits = Pick<ImageLimits, 'maxPixels' | 'maxFrames' | 'maxScans'>;

/** Sets up libvips for a server: for the whole process, once. */
export function prepareLibvips(): void {
  // Its cache keeps operations on pictures that never come again.
  sharp.cache(false);
  // Many pictures at once on one thread each, rather than one on all: no thread waits for another, and memory stays level.
  sharp.concurrency(1);
  // Whatever gets past the check of the first bytes still finds no loader for SVG, PDF, or the scripts of ImageMagick.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpeg',
      'VipsForeignLoadPng',
      'VipsForeignLoadWebp',
      'VipsForeignLoadNsgif',
      'VipsForeignLoadHeif',
    ],
  });
}

/**
 * An original of 16 bits a channel is brought to 8 at once: sharp would bring it to the colours of Display P3, and its profile
 * to nobody, so that every screen would show them too pale.
 */
export function openOriginal(original: Buffer | string, isDeep: boolean, limits: DecodingLimits): Sharp {
  const picture = sharp(original, openOptions(limits));
  return isDeep ? picture.pipelineColourspace('srgb') : picture;
}

/** How every original is opened: its first frame, upright, and not at all where it is damaged. */
export function openOptions({ maxPixels }: DecodingLimits): SharpOptions {
  return { autoOrient: true, pages: 1, failOn: 'error', limitInputPixels: maxPixels, sequentialRead: true };
}

/**
 * What can be said of an original by its bytes alone, before it is kept and before libvips sees it.
 *
 * @throws AppError DOWNSTREAM_BAD_RESPONSE - an unknown kind, cut off, or too many frames or scans.
 */
export function checkOriginal(original: Buffer, { maxFrames, maxScans }: DecodingLimits): void {
  const type = readPictureType(original);
  if (type === null) throw unreadableOriginal('the original is no JPEG, PNG, WebP, GIF or AVIF');
  const structure = readPictureStructure(type, original);
  if (structure?.isWhole === false) throw unreadableOriginal('the original was cut off');
  if (structure !== null && structure.frames > maxFrames) throw tooManyFrames(maxFrames);
  if (structure !== null && structure.scans > maxScans)
    throw unreadableOriginal(`the original has over ${maxScans} scans`);
}

/**
 * The size of an original as it is seen, its depth and whether it has an alpha channel, read from its header alone: a picture
 * that declares too much is refused before a pixel of it is decoded.
 *
 * @throws AppError DOWNSTREAM_BAD_RESPONSE - no picture, an unknown kind, or over a limit.
 */
export async function inspectOriginal(original: Buffer | string, limits: DecodingLimits): Promise<OriginalHeader> {
  // A file of ours was looked at when it was written.
  if (typeof original !== 'string') checkOriginal(original, limits);
  const { autoOrient, pages, space, hasAlpha } = await readMetadata(original, limits);
  const { width, height } = autoOrient;
  if (width * height > limits.maxPixels) {
    throw unreadableOriginal(`the original has ${width} x ${height} pixels, over ${limits.maxPixels} in all`);
  }
  if ((pages ?? 1) > limits.maxFrames) throw tooManyFrames(limits.maxFrames);
  return { width, height, isDeep: space === 'rgb16', hasAlpha };
}

function tooManyFrames(maxFrames: number): AppError {
  return unreadableOriginal(`the original has over ${maxFrames} frames`);
}

async function readMetadata(original: Buffer | string, limits: DecodingLimits): Promise<Metadata> {
  try {
    return await sharp(original, openOptions(limits)).metadata();
  } catch (error) {
    throw decodingFailure(error);
  }
}

/** What libvips says of an original, as a failure of ours. */
export function decodingFailure(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : '';
  if (message.includes('timeout'))
    return new AppError('DOWNSTREAM_TIMEOUT', 'the picture took too long', { cause: error });
  return unreadableOriginal('the original could not be decoded', error);
}
