import { AppError } from '../errors.ts';
import type { Batch } from './batch.ts';
import type { ReadScope } from './cached-read.ts';
import { asAppError } from './fallback-policy.ts';
import type { KeyCall } from './key-call.ts';

/** What a service said of one chunk of keys: each key's records, null for what does not exist, or its own failure; or why the whole chunk failed. A key that is missing counts as null. */
export type ChunkAnswer = ReadonlyMap<unknown, Readonly<Record<string, unknown>> | null | AppError> | AppError;

export type TakeChunk = (chunk: readonly KeyCall[], answer: ChunkAnswer) => void;

/** A batch of 100 comes down to 7 keys a call, in 31 calls at worst: a service that refuses whatever it is asked is not asked for each key. */
const maxHalvings = 4;

/** Asks the service for these keys, at most `maxBatch` in one call; each call's answer goes to `take` as it ends. Never rejects. */
export function fetchBatch<K, P extends object, S extends ReadScope>(
  batch: Batch<K, P, S>,
  take: TakeChunk,
): Promise<unknown> {
  const { calls, read } = batch;
  if (calls.length <= read.maxBatch) return fetchHalving(batch, { chunk: calls, halvings: 0, take });
  const chunks: Promise<void>[] = [];
  for (let at = 0; at < calls.length; at += read.maxBatch) {
    chunks.push(fetchHalving(batch, { chunk: calls.slice(at, at + read.maxBatch), halvings: 0, take }));
  }
  return Promise.all(chunks);
}

/** A service whose own limit for a batch or an address is lower than ours says so (413, 414, 431): it is asked for halves instead. */
async function fetchHalving<K, P extends object, S extends ReadScope>(
  batch: Batch<K, P, S>,
  {
    chunk,
    halvings,
    take,
  }: { readonly chunk: readonly KeyCall[]; readonly halvings: number; readonly take: TakeChunk },
): Promise<void> {
  const answer = await fetchChunk(batch, chunk);
  if (!isTooLarge(answer) || chunk.length === 1 || halvings >= maxHalvings) {
    take(chunk, answer);
    return;
  }
  const middle = Math.ceil(chunk.length / 2);
  await Promise.all(
    [chunk.slice(0, middle), chunk.slice(middle)].map((half) =>
      fetchHalving(batch, { chunk: half, halvings: halvings + 1, take }),
    ),
  );
}

/** 431 is what Node's own server says to an address of more than 16 KB. */
const tooLarge: ReadonlySet<number | undefined> = new Set([413, 414, 431]);

function isTooLarge(answer: unknown): boolean {
  return answer instanceof AppError && tooLarge.has(answer.status);
}

/** A fetch that ignores the signal must not keep those who wait, nor its keys from being asked for again. */
function fetchChunk<K, P extends object, S extends ReadScope>(
  { read, scope, flight }: Batch<K, P, S>,
  chunk: readonly KeyCall[],
): Promise<ChunkAnswer> {
  const { signal } = flight;
  if (signal.aborted) return Promise.resolve(cutShort(signal.reason, read.service));
  return new Promise((resolve) => {
    const leave = (): void => end(cutShort(signal.reason, read.service));
    function end(answer: unknown): void {
      signal.removeEventListener('abort', leave);
      // The records of every read are objects; by name they have the types that the read declares.
      resolve(answer as ChunkAnswer);
    }
    signal.addEventListener('abort', leave);
    read
      .fetch(
        chunk.map((call) => call.asked as K),
        scope,
      )
      .then(end, (failure: unknown) => end(asAppError(failure, read.service)));
  });
}

function cutShort(reason: unknown, service: string): AppError {
  if (reason instanceof AppError) return reason;
  return new AppError('DEADLINE_EXCEEDED', 'Nobody waits for this answer any more.', { cause: reason, service });
}
