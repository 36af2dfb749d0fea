import type { PictureType } from './picture-type.ts';

/** What the blocks of a file say without a pixel being decoded. */
export interface PictureStructure {
  /** As many as it has, or declares where that is more. */
  readonly frames: number;
  /** Whether the file reaches the end that its format marks. */
  readonly isWhole: boolean;
}

const pngSignatureBytes = 8;
// A chunk's length, its type and its checksum.
const pngFrameBytes = 12;

/**
 * What libvips does not tell: of an animated PNG it knows only the first frame, and an animation that was cut off behind its
 * first frame is whole to it. Null for the kinds that it knows all about.
 */
export function readPictureStructure(type: PictureType, bytes: Buffer): PictureStructure | null {
  if (type === 'png') return readPng(bytes);
  if (type === 'gif') return { frames: 1, isWhole: isWholeGif(bytes) };
  return null;
}

/** PNG, third edition, 5.3 and 11.3.6: chunks up to IEND, a frame control chunk before each frame. */
function readPng(bytes: Buffer): PictureStructure {
  let declared = 0;
  let counted = 0;
  for (let at = pngSignatureBytes; at + pngFrameBytes <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return { frames: Math.max(1, declared, counted), isWhole: true };
    if (type === 'acTL' && length >= 4 && at + 12 <= bytes.length) declared = bytes.readUInt32BE(at + 8);
    if (type === 'fcTL') counted += 1;
    at += pngFrameBytes + length;
  }
  return { frames: Math.max(1, declared, counted), isWhole: false };
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
