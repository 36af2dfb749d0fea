import sharp, { type Channels } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';

/** A decoded picture, eight bits a channel, in sRGB or grey. */
export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
}

// A thumbhash holds seven waves across; with 48 pixels nothing of them is lost, and 100 would cost 4 times as much.
const hashedWidth = 48;

/** Whether any pixel lets the background through. An alpha channel alone says nothing: many tools write a full one. */
export function hasTransparentPixels({ data, channels }: Pixels): boolean {
  if (channels !== 2 && channels !== 4) return false;
  for (let alpha = channels - 1; alpha < data.length; alpha += channels) if (data[alpha] !== 255) return true;
  return false;
}

/** The thumbhash of a picture in Base64: about 25 bytes that a phone paints while the picture loads. */
export async function computeThumbhash({ data, ...raw }: Pixels): Promise<string> {
  const factor = hashedWidth / Math.max(raw.width, raw.height, hashedWidth);
  const width = Math.max(1, Math.round(raw.width * factor));
  const height = Math.max(1, Math.round(raw.height * factor));
  const small = await sharp(data, { raw })
    .resize(width, height, { fit: 'fill' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer();
  return Buffer.from(rgbaToThumbHash(width, height, small)).toString('base64');
}
