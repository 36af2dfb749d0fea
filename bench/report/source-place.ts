import { existsSync, readFileSync } from 'node:fs';
import type { Runtime } from 'node:inspector';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const maps = new Map<string, SourceMap | null>();

/** The file and line where a function was written, also one of a bundle: `shared/money.ts:12`. Empty where there is none. */
export function placeOf({ url, lineNumber, columnNumber }: Runtime.CallFrame): string {
  if (!url.startsWith('file:')) return url === '' ? '' : `${url}:${lineNumber + 1}`;
  const entry = readMap(url)?.findEntry(lineNumber, columnNumber);
  const isMapped = entry !== undefined && 'originalSource' in entry;
  const path = fileURLToPath(isMapped ? new URL(entry.originalSource, url) : url);
  const line = isMapped ? entry.originalLine : lineNumber;
  return `${path.startsWith(root) ? path.slice(root.length) : path}:${line + 1}`;
}

function readMap(url: string): SourceMap | null {
  let map = maps.get(url);
  if (map === undefined) {
    const file = `${fileURLToPath(url)}.map`;
    map = existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : null;
    maps.set(url, map);
  }
  return map;
}
