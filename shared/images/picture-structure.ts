import type { PictureType } from './picture-type.ts';

/** What the blocks of a file say without a pixel being decoded. */
export interface PictureStructure {
  /** As many as it has, or declares where that is more. */
  readonly frames: number;
  /** How often a decoder goes over its pixels: of a JPEG, as many times as the file says. */
  readonly scans: number;
  /** Whether the file reaches the end that its format marks. */
  readonly isWhole: boolean;
}

const pngSignatureBytes = 8;
// A chunk's length, its type and its checksum.
const pngFrameBytes = 12;
const endOfImage = 0xd9;
const startOfScan = 0xda;

/**
 * What libvips does not tell: of an animated PNG it knows only the first frame, an animation that was cut off behind its first
 * frame is whole to it, and its time limit is not looked at while the scans of a JPEG are read. Null for the kinds that it
 * knows all about.
 */
export function readPictureStructure(type: PictureType, bytes: Buffer): PictureStructure | null {
  if (type === 'png') return readPng(bytes);
  if (type === 'gif') return { frames: 1, scans: 1, isWhole: isWholeGif(bytes) };
  // Where it was cut off, libvips says so.
  if (type === 'jpeg') return { frames: 1, scans: countScans(bytes), isWhole: true };
  return null;
}

/** PNG, third edition, 5.3 and 11.3.6: chunks up to IEND, a frame control chunk before each frame. */
function readPng(bytes: Buffer): PictureStructure {
  let declared = 0;
  let counted = 0;
  for (let at = pngSignatureBytes; at + pngFrameBytes <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return { frames: Math.max(1, declared, counted), scans: 1, isWhole: true };
    if (type === 'acTL' && length >= 4 && at + 12 <= bytes.length) declared = bytes.readUInt32BE(at + 8);
    if (type === 'fcTL') counted += 1;
    at += pngFrameBytes + length;
  }
  return { frames: Math.max(1, declared, counted), scans: 1, isWhole: false };
}

/**
 * ISO/IEC 10918-1, B.1: segments, and behind each start of a scan its data up to the next marker. What is no marker is passed
 * over, wherever it stands, as libjpeg does: no scan that it would read is hidden from the count.
 */
function countScans(bytes: Buffer): number {
  let scans = 0;
  let componentsOfOnlyScan: number | null | undefined = null;
  for (let at = markerAt(bytes, 0); at < bytes.length; at = markerAt(bytes, at)) {
    const marker = bytes[at] ?? endOfImage;
    at += 1;
    if (marker === endOfImage || at + 2 > bytes.length) break;
    if (isWithoutSegment(marker)) continue;
    if (isFrame(marker)) componentsOfOnlyScan = isProgressive(marker) ? null : bytes[at + 7];
    if (marker === startOfScan) {
      scans += 1;
      // All that a decoder reads of most photographs, which are then not looked through: 2 ms a megabyte.
      if (bytes[at + 2] === componentsOfOnlyScan) break;
    }
    at += Math.max(2, bytes.readUInt16BE(at));
  }
  return scans;
}

/** The place behind the next 0xff, or behind as many as fill up, that is no zero: a byte of a scan's data has one behind it. */
function markerAt(bytes: Buffer, from: number): number {
  let at = from + 1;
  while (at < bytes.length && (bytes[at - 1] !== 0xff || bytes[at] === 0 || bytes[at] === 0xff)) at += 1;
  return at;
}

/** B.1.1.3: among the numbers of frames are those of two tables and one that is reserved. */
function isFrame(marker: number): boolean {
  return marker === 0xc0 || (marker > 0xc0 && marker <= 0xcf && (marker & 3) !== 0);
}

function isProgressive(frame: number): boolean {
  return (frame & 3) === 2;
}

/** Restarts, the start of the image, and what no JPEG has. */
function isWithoutSegment(marker: number): boolean {
  return marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8);
}

/** GIF89a, appendix B: a screen, then blocks of sub-blocks up to the trailer, which some programs leave out. */
function isWholeGif(bytes: Buffer): boolean {
  let at = 13 + colourTableBytes(bytes[10]);
  while (at < bytes.length) {
    const block = bytes[at];
    if (block === 0x21) at = afterSubBlocks(bytes, at + 2);
    else if (block === 0x2c) at = afterSubBlocks(bytes, at + 11 + colourTableBytes(bytes[at + 9]));
    // The trailer; or nothing that we know, on which libvips has the last word.
    else return true;
  }
  return at === bytes.length;
}

function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** The place behind the empty sub-block; beyond the end where there is none. */
function afterSubBlocks(bytes: Buffer, from: number): number {
  let at = from;
  for (let length = bytes[at]; length !== 0; length = bytes[at]) {
    if (length === undefined) return bytes.length + 1;
    at += 1 + length;
  }
  return at + 1;
}
