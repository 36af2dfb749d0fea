import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Color, type Sharp } from 'sharp';

/** A picture with edges and gradients, so that crops, ratios and damage show. */
export async function paint(width: number, height: number): Promise<Sharp> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 3;
      pixels[at] = (255 * x) / width;
      pixels[at + 1] = (255 * y) / height;
      pixels[at + 2] = (x * 7 + y * 13) % 64;
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

export async function paintJpeg(width: number, height: number): Promise<Buffer> {
  return (await paint(width, height)).jpeg({ quality: 90 }).toBuffer();
}

/** One colour, in the kind of file that a test needs. */
export function plain(width: number, height: number, background: Color): Sharp {
  const channels = typeof background === 'object' && 'alpha' in background ? 4 : 3;
  return sharp({ create: { width, height, channels, background } });
}

/** A left half of one colour, a right half of another. */
export async function halves(size: { width: number; height: number }, left: string, right: string): Promise<Sharp> {
  const half = Math.floor(size.width / 2);
  const leftHalf = await plain(half, size.height, left).png().toBuffer();
  const joined = await plain(size.width, size.height, right)
    .composite([{ input: leftHalf, left: 0, top: 0 }])
    .png()
    .toBuffer();
  return sharp(joined);
}

export async function animation(frames: number, kind: 'gif' | 'webp'): Promise<Buffer> {
  const pictures = await Promise.all(
    Array.from({ length: frames }, (_, index) =>
      plain(16, 16, index === 0 ? '#ff0000' : { r: 0, g: index % 256, b: 255 - (index % 256) })
        .png()
        .toBuffer(),
    ),
  );
  const joined = sharp(pictures, { join: { animated: true } });
  // Frames that look alike are dropped otherwise.
  return (
    kind === 'gif' ? joined.gif({ keepDuplicateFrames: true, interFrameMaxError: 0 }) : joined.webp({ lossless: true })
  ).toBuffer();
}

/** 50 KB that declare `side` x `side` pixels. */
export function pngBomb(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(40_000_000)).subarray(0, 50_000);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** 800 x 800 pixels with a full alpha channel, but for some in the middle. */
export async function opaqueButFor(transparent: number): Promise<Sharp> {
  const side = 800;
  const pixels = await plain(side, side, { r: 200, g: 100, b: 50, alpha: 1 }).raw().toBuffer();
  const middle = (side / 2) * side + side / 2;
  for (let pixel = middle; pixel < middle + transparent; pixel += 1) pixels[4 * pixel + 3] = 0;
  return sharp(pixels, { raw: { width: side, height: side, channels: 4 } });
}

/** A grey JPEG of 16 x 16 pixels that is gone over so many times, at most 883: all but the first scan hold nothing. */
export async function jpegOfScans(scans: number): Promise<Buffer> {
  const grey = await plain(16, 16, '#808080').greyscale().jpeg({ progressive: true }).toBuffer();
  const first = grey.indexOf(Buffer.from([0xff, 0xda]));
  const component = grey[first + 5] ?? 1;
  // Its header takes ten bytes; a zero behind 0xff belongs to its data.
  let end = first + 10;
  while (grey[end] !== 0xff || grey[end + 1] === 0) end += 1;
  // One code, of one bit: four blocks with nothing in them.
  const codes = Buffer.from([0xff, 0xc4, 0, 20, 0x10, 1, ...Array<number>(15).fill(0), 0x20]);
  const empty = Array.from({ length: scans - 1 }, (_, number) => {
    // A coefficient comes bit by bit, 14 of them; then it is the next one's turn.
    const coefficient = 1 + Math.floor(number / 14);
    const bit = 13 - (number % 14);
    const precision = bit === 13 ? bit : ((bit + 1) << 4) | bit;
    return Buffer.from([0xff, 0xda, 0, 8, 1, component, 0, coefficient, coefficient, precision, 0b00011111]);
  });
  return Buffer.concat([grey.subarray(0, end), codes, ...empty, Buffer.from([0xff, 0xd9])]);
}

/** An animated PNG, which sharp does not write. It declares its frames; `written` of them are there. */
export function animatedPng(frames: number, written = frames): Buffer {
  const side = 8;
  const black = deflateSync(Buffer.alloc(side * (1 + 3 * side)));
  const words = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.of(0, 0, value >> 8, value & 255)));
  const chunks = [
    pngChunk('IHDR', Buffer.concat([words(side, side), Buffer.from([8, 2, 0, 0, 0])])),
    pngChunk('acTL', words(frames, 0)),
  ];
  for (let frame = 0, sequence = 0; frame < written; frame += 1) {
    const control = Buffer.concat([words(sequence, side, side, 0, 0), Buffer.from([0, 1, 0, 10, 0, 0])]);
    chunks.push(pngChunk('fcTL', control));
    sequence += 1;
    if (frame === 0) chunks.push(pngChunk('IDAT', black));
    else chunks.push(pngChunk('fdAT', Buffer.concat([words(sequence), black])));
    if (frame > 0) sequence += 1;
  }
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks, pngChunk('IEND', Buffer.alloc(0))]);
}

function pngChunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)]);
}

/** The colour at a place, from 0 to 1 across and down. */
export async function colourAt(picture: Buffer, across: number, down: number): Promise<readonly number[]> {
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
  const x = Math.min(info.width - 1, Math.floor(across * info.width));
  const y = Math.min(info.height - 1, Math.floor(down * info.height));
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + info.channels)];
}
