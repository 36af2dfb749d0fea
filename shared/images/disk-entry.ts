import { crc32 } from 'node:zlib';

/** A file of the cache: a few labels and the bytes. */
export interface DiskEntry {
  readonly labels: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Header {
  readonly format: 1;
  readonly bytes: number;
  readonly crc32: number;
  readonly labels: Readonly<Record<string, string>>;
}

const maxHeaderBytes = 1024;

/** An entry as it is written: a line of JSON and the bytes behind it, in two parts, as joining them copies megabytes. */
export function encodeDiskEntry({ labels, body }: DiskEntry): [header: Buffer, body: Buffer] {
  const header: Header = { format: 1, bytes: body.length, crc32: crc32(body), labels };
  return [Buffer.from(`${JSON.stringify(header)}\n`), body];
}

/**
 * Reads an entry; null for one that was cut off, overwritten or written by another version. The checksum stands in for an
 * fsync on every write: after a loss of power a renamed file may hold anything.
 */
export function decodeDiskEntry(file: Buffer): DiskEntry | null {
  const end = file.subarray(0, maxHeaderBytes).indexOf(10);
  if (end < 0) return null;
  const header = readHeader(file.toString('utf8', 0, end));
  const body = file.subarray(end + 1);
  if (header === null || header.bytes !== body.length || header.crc32 !== crc32(body)) return null;
  return { labels: header.labels, body };
}

function readHeader(line: string): Header | null {
  try {
    const header = JSON.parse(line) as Partial<Header> | null;
    if (header?.format !== 1 || typeof header.bytes !== 'number' || typeof header.crc32 !== 'number') return null;
    const labels = Object.entries(header.labels ?? {}).filter(([, label]) => typeof label === 'string');
    return { format: 1, bytes: header.bytes, crc32: header.crc32, labels: Object.fromEntries(labels) };
  } catch {
    return null;
  }
}
