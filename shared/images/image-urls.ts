import { LRUCache } from 'lru-cache';
import type { ImageProfile } from '../profile.ts';
import type { ImageFit, ImageFormat } from './image-options.ts';
import { originalKey } from './image-source.ts';
import { type AspectRatio, boxHeight, type Size, snapWidth, variantSize } from './image-variants.ts';
import type { ImageSigner } from './signed-url.ts';

/** An original as the shop's services describe it: its size is the one it is seen at, orientation applied. */
export interface OriginalPicture extends Size {
  readonly url: string;
  /** Changes when the photograph does. */
  readonly version: string;
}

/** What a client asks of a picture. */
export interface PictureRequest {
  readonly size: keyof ImageProfile['sizes'];
  /** In points; wins over `size`. */
  readonly width?: number | null | undefined;
  /** `inside` (the default) keeps the original's ratio, the others fill a box of `ratio`. */
  readonly fit?: ImageFit | null | undefined;
  /** `1:1` by default. */
  readonly ratio?: AspectRatio | undefined;
  readonly format?: ImageFormat | null | undefined;
  readonly isDataSaver?: boolean | null | undefined;
}

/** A picture ready to be shown. */
export interface ShapedPicture extends Size {
  readonly url: string;
  readonly srcSet: string;
  /** The picture's key in the `ThumbhashStore`. */
  readonly placeholderKey: string;
}

export interface ImageUrls {
  /** The addresses and size of a picture for one client. */
  shape(picture: OriginalPicture, request: PictureRequest): ShapedPicture;
}

export interface ImageUrlsOptions {
  readonly signer: ImageSigner;
  readonly profile: ImageProfile;
  /** Shaped pictures that are kept; one holds about 1.5 KB, so that 4000 are 6 MB. */
  readonly maxKept?: number;
}

const densities = [1, 2, 3] as const;

/**
 * Shapes pictures for one client's profile. What was shaped is kept: the same inputs give the same URLs, and a home screen
 * of ten pictures costs 45 signatures of 3 us otherwise.
 */
export function createImageUrls({ signer, profile, maxKept = 4000 }: ImageUrlsOptions): ImageUrls {
  const kept = new LRUCache<string, ShapedPicture>({ max: maxKept });

  return {
    shape(picture, request) {
      const key = `${picture.url}\n${picture.version}\n${picture.width}x${picture.height}\n${request.size} ${request.width} ${
        request.fit
      } ${request.ratio} ${request.format} ${request.isDataSaver}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const shaped = shapePicture({ signer, profile }, picture, request);
      kept.set(key, shaped);
      return shaped;
    },
  };
}

function shapePicture(
  { signer, profile }: Pick<ImageUrlsOptions, 'signer' | 'profile'>,
  picture: OriginalPicture,
  request: PictureRequest,
): ShapedPicture {
  const fit = request.fit ?? 'inside';
  const points = request.width ?? profile.sizes[request.size];
  const boxes = densities.map((density) => {
    // No wider than the original: 2x and 3x of a small photograph are one variant, not two with the same pixels.
    const width = snapWidth(profile.widths, Math.min(points * density, picture.width));
    return fit === 'inside' ? { width } : { width, height: boxHeight(width, request.ratio ?? '1:1') };
  });
  const urls = boxes.map((box) =>
    signer.sign({
      source: picture.url,
      version: picture.version,
      ...box,
      fit,
      format: request.format ?? 'auto',
      isDataSaver: request.isDataSaver ?? false,
    }),
  );
  return {
    url: urls[0] ?? '',
    srcSet: urls.map((url, index) => `${url} ${densities[index]}x`).join(', '),
    ...variantSize(picture, boxes[0] ?? { width: points }, fit),
    placeholderKey: originalKey(picture.url, picture.version),
  };
}
