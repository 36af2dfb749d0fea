import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { waitFor } from './bounded-wait.ts';
import type { ReadScope } from './cached-read.ts';
import { asAppError } from './fallback-policy.ts';
import type { KeyCall } from './key-call.ts';

export type Fetched = Readonly<Record<string, unknown>> | null | AppError;

/** A batch of 100 comes down to 7 keys a call, in 31 calls at worst: a service that refuses whatever it is asked is not asked for each key. */
const maxHalvings = 4;

/** Asks the service for these keys, at most `maxBatch` in one call; each key's answer goes to `take` as its call ends. Never rejects. */
export async function fetchBatch<K, P extends object, S extends ReadScope>(
  clock: Clock,
  batch: Batch<K, P, S>,
  take: (answers: ReadonlyMap<KeyCall, Fetched>) => void,
): Promise<void> {
  const { calls, read } = batch;
  const chunks = Array.from({ length: Math.ceil(calls.length / read.maxBatch) }, (_, i) =>
    calls.slice(i * read.maxBatch, (i + 1) * read.maxBatch),
  );
  await Promise.all(
    chunks.map(async (chunk) => {
      take(await fetchHalving(clock, batch, { chunk, halvings: 0 }));
    }),
  );
}

/** A service whose own limit for a batch or an address is lower than ours says so (413, 414): it is asked for halves instead. */
async function fetchHalving<K, P extends object, S extends ReadScope>(
  clock: Clock,
  batch: Batch<K, P, S>,
  { chunk, halvings }: { readonly chunk: readonly KeyCall[]; readonly halvings: number },
): Promise<Map<KeyCall, Fetched>> {
  const answer = await fetchChunk(clock, batch, chunk);
  if (isTooLarge(answer) && chunk.length > 1 && halvings < maxHalvings) {
    const middle = Math.ceil(chunk.length / 2);
    const halves = await Promise.all(
      [chunk.slice(0, middle), chunk.slice(middle)].map((half) =>
        fetchHalving(clock, batch, { chunk: half, halvings: halvings + 1 }),
      ),
    );
    return new Map(halves.flatMap((half) => [...half]));
  }
  return new Map(chunk.map((call) => [call, answer instanceof AppError ? answer : answerFor(answer, call)]));
}

function isTooLarge(answer: unknown): boolean {
  return answer instanceof AppError && (answer.status === 413 || answer.status === 414);
}

async function fetchChunk<K, P extends object, S extends ReadScope>(
  clock: Clock,
  { read, scope, flight }: Batch<K, P, S>,
  chunk: readonly KeyCall[],
): Promise<ReadonlyMap<K, P | null | AppError> | AppError> {
  const { signal } = flight.deadline;
  const asked = chunk.map((call) => call.asked as K);
  const fetching = (async () => read.fetch(asked, scope))().catch((failure: unknown) =>
    asAppError(failure, read.service),
  );
  // A fetch that ignores the signal must not keep those who wait, nor its keys from being asked for again.
  if ((await waitFor(fetching, { clock, signal })) === 'aborted') return cutShort(signal.reason, read.service);
  return fetching;
}

function answerFor<K, P extends object>(answer: ReadonlyMap<K, P | null | AppError>, call: KeyCall): Fetched {
  return (answer.get(call.asked as K) ?? null) as Fetched;
}

function cutShort(reason: unknown, service: string): AppError {
  if (reason instanceof AppError) return reason;
  return new AppError('DEADLINE_EXCEEDED', 'Nobody waits for this answer any more.', { cause: reason, service });
}
