import type { Channels } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';

/** A decoded picture, eight bits a channel, in sRGB or grey, row by row. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
}

// A thumbhash holds seven waves across; with 48 cells nothing of them is lost.
const hashedWidth = 48;
// Sixteen places a cell: what is sampled is a picture that was already made small, without detail between the places.
const samplesAcross = 4;

/**
 * The thumbhash of a picture in Base64: about 25 bytes that a phone paints while the picture loads. It is sampled here and
 * not shrunk by libvips, which costs 1 to 3 ms more: half of what the first variant of an original may add to its encoding.
 */
export function computeThumbhash(pixels: Pixels): string {
  const factor = hashedWidth / Math.max(pixels.width, pixels.height, hashedWidth);
  const width = Math.max(1, Math.round(pixels.width * factor));
  const height = Math.max(1, Math.round(pixels.height * factor));
  const cells = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const left = (column * pixels.width) / width;
      const top = (row * pixels.height) / height;
      const cell = { left, top, width: pixels.width / width, height: pixels.height / height };
      cells.set(averageOf(pixels, cell), (row * width + column) * 4);
    }
  }
  return Buffer.from(rgbaToThumbHash(width, height, cells)).toString('base64');
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Red, green, blue and alpha; each colour counts as much as it covers. */
function averageOf({ data, width, channels }: Pixels, area: Area): [number, number, number, number] {
  const hasAlpha = channels === 2 || channels === 4;
  const [greenAt, blueAt] = channels < 3 ? [0, 0] : [1, 2];
  let [red, green, blue, cover] = [0, 0, 0, 0];
  for (let y = 0; y < samplesAcross; y += 1) {
    for (let x = 0; x < samplesAcross; x += 1) {
      const column = Math.floor(area.left + ((x + 0.5) * area.width) / samplesAcross);
      const row = Math.floor(area.top + ((y + 0.5) * area.height) / samplesAcross);
      const at = (row * width + column) * channels;
      const alpha = hasAlpha ? (data[at + channels - 1] ?? 0) : 255;
      red += (data[at] ?? 0) * alpha;
      green += (data[at + greenAt] ?? 0) * alpha;
      blue += (data[at + blueAt] ?? 0) * alpha;
      cover += alpha;
    }
  }
  if (cover === 0) return [0, 0, 0, 0];
  return [red / cover, green / cover, blue / cover, cover / samplesAcross ** 2];
}
