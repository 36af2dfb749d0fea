import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** V8's own collections; the young one where its type is given. */
export const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

/** What is in the old space, garbage that waits for a full collection included. */
export function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? Number.NaN;
}
