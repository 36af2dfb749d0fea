import sharp, { type Sharp } from 'sharp';
import type { TargetFormat } from './accept.ts';
import {
  type DecodingLimits,
  decodingFailure,
  inspectOriginal,
  type OriginalHeader,
  openOriginal,
} from './decoding.ts';
import { type EncodedFormat, encode } from './encoding.ts';
import type { ImageOptions } from './image-options.ts';
import { type Size, variantSize } from './image-variants.ts';
import { computeThumbhash, type Pixels } from './pixels.ts';

/** What the first decoding of an original tells, so that the next ones need not look. */
export interface OriginalFacts extends OriginalHeader {
  /** Whether any of its pixels lets the background through. */
  readonly isTransparent: boolean;
  /** Base64. */
  readonly thumbhash: string;
}

/** The bytes of an original, or the path of a file of ours that holds them. */
export type OriginalPicture = Buffer | string;

export interface TransformRequest extends Pick<ImageOptions, 'width' | 'height' | 'fit' | 'isDataSaver'> {
  readonly format: TargetFormat;
}

export interface Transformed {
  readonly body: Buffer;
  readonly format: EncodedFormat;
  readonly facts: OriginalFacts;
}

export interface TransformLimits extends DecodingLimits {
  readonly totalTimeoutMs: number;
}

/**
 * Makes a variant of an original.
 *
 * The first time it stops between decoding and encoding to take the thumbhash from the small pixels, which costs a millisecond
 * or two; a second decoding for it would cost as much as the variant itself. Later it goes on in one step where it can.
 *
 * @throws AppError DOWNSTREAM_BAD_RESPONSE - the original is no picture, damaged or over a limit.
 * @throws AppError DOWNSTREAM_TIMEOUT - libvips was stopped.
 */
export async function transform(
  original: OriginalPicture,
  request: TransformRequest,
  options: { readonly limits: TransformLimits; readonly facts: OriginalFacts | null },
): Promise<Transformed> {
  const { limits, facts } = options;
  try {
    const header = facts ?? (await inspectOriginal(original, limits));
    const opened = open(original, header, limits);
    if (facts !== null && isOneStep(request, facts)) return await finish(fit(opened, request, facts), request, facts);
    const pixels = await decodeSmall(opened, header, request);
    const known = facts ?? {
      ...header,
      isTransparent: header.hasAlpha && (await isTranslucent(open(original, header, limits))),
      thumbhash: computeThumbhash(pixels),
    };
    const { data, ...raw } = pixels;
    const picture = fit(limitTime(sharp(data, { raw }), limits), request, known);
    return await finish(picture, request, known);
  } catch (error) {
    throw decodingFailure(error);
  }
}

/**
 * An alpha channel alone says nothing: many tools write a full one. The whole original is looked at, though that decodes it
 * once more: in small pixels a hole is there at one width and averaged away at another, and the first width that was asked for
 * would decide between JPEG and PNG for all.
 */
async function isTranslucent(picture: Sharp): Promise<boolean> {
  const alpha = await picture.extractChannel('alpha').raw({ depth: 'uchar' }).toBuffer();
  for (const value of alpha) if (value !== 255) return true;
  return false;
}

/**
 * Whether libvips makes the same bytes in one go as with a stop between: its crops, margins and blending round otherwise, and
 * PNG carries the density of the original along. An entity tag stands for bytes, whichever replica made them, and when.
 */
function isOneStep({ fit, format }: TransformRequest, { isTransparent }: OriginalFacts): boolean {
  return fit === 'inside' && format !== 'png' && !isTransparent;
}

function open(original: OriginalPicture, { isDeep }: OriginalHeader, limits: TransformLimits): Sharp {
  return limitTime(openOriginal(original, isDeep, limits), limits);
}

function limitTime(picture: Sharp, { totalTimeoutMs }: TransformLimits): Sharp {
  return picture.timeout({ seconds: Math.ceil(totalTimeoutMs / 1000) });
}

/** The whole picture, nothing cropped or padded, at the smallest size that the variant can be made of. */
async function decodeSmall(picture: Sharp, size: Size, request: TransformRequest): Promise<Pixels> {
  const { width, height } = uncroppedSize(size, request);
  const { data, info } = await picture.resize(width, height, { fit: 'fill' }).raw({ depth: 'uchar' }).toBuffer({
    resolveWithObject: true,
  });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

function uncroppedSize(size: Size, request: TransformRequest): Size {
  const target = variantSize(size, request, request.fit);
  if (request.fit === 'inside' || request.height === undefined) return target;
  const [across, down] = [target.width / size.width, target.height / size.height];
  const factor = request.fit === 'contain' ? Math.min(across, down) : Math.max(across, down);
  return { width: Math.max(1, Math.round(size.width * factor)), height: Math.max(1, Math.round(size.height * factor)) };
}

function fit(picture: Sharp, request: TransformRequest, facts: OriginalFacts): Sharp {
  const { width, height } = variantSize(facts, request, request.fit);
  switch (request.fit) {
    case 'inside':
      return picture.resize(width, height, { fit: 'fill' });
    case 'cover':
      return picture.resize(width, height, { fit: 'cover' });
    case 'attention':
      return picture.resize(width, height, { fit: 'cover', position: sharp.strategy.attention });
    case 'contain':
      // Padding must not make a photograph transparent: it would have to be a PNG.
      return picture.resize(width, height, {
        fit: 'contain',
        background: facts.isTransparent ? '#ffffff00' : '#ffffff',
      });
  }
}

async function finish(picture: Sharp, request: TransformRequest, facts: OriginalFacts): Promise<Transformed> {
  const format = request.format === 'fallback' ? (facts.isTransparent ? 'png' : 'jpeg') : request.format;
  const body = await encode(picture, format, request.isDataSaver ?? false).toBuffer();
  return { body, format, facts };
}
