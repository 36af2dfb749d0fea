import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import sharp from 'sharp';
import { type Clock, systemClock } from '../clock.ts';
import type { AppError } from '../errors.ts';
import type { TargetFormat } from './accept.ts';
import { checkOriginal } from './decoding.ts';
import type { DiskCache } from './disk-cache.ts';
import { encodingRevision } from './encoding.ts';
import { isLasting } from './image-failure.ts';
import type { ImageOptions } from './image-options.ts';
import type { ImageLimits } from './image-settings.ts';
import { originalKey } from './image-source.ts';
import type { Origin } from './origin.ts';
import type { AllowedOriginal } from './origin-list.ts';
import { createSingleFlight } from './single-flight.ts';
import { type OriginalFacts, type OriginalPicture, transform } from './transform.ts';
import { createVariantCache, type KeptVariant, type Variant } from './variant-cache.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

/** One picture as it was asked for. */
export interface VariantRequest {
  /** Names the result: the same for every key id, signature and expiry. */
  readonly key: string;
  readonly source: string;
  readonly original: AllowedOriginal;
  readonly options: ImageOptions;
  readonly format: TargetFormat;
}

export interface OptimizerCounts {
  readonly fromMemory: number;
  readonly fromDisk: number;
  readonly transformed: number;
  readonly downloaded: number;
  readonly running: number;
  readonly queued: number;
}

export interface Optimizer {
  /** What is in memory, without waiting. */
  peek(key: string): Variant | null;
  /**
   * The variant: from disk, or made anew, once for all who ask for it at that time.
   *
   * @throws AppError - see `refusalOf`.
   */
  variant(request: VariantRequest, signal: AbortSignal): Promise<Variant>;
  counts(): OptimizerCounts;
}

export interface OptimizerDeps {
  readonly origin: Origin;
  readonly originals: DiskCache;
  readonly variants: DiskCache;
  /** Told of each original whose pictures are served, once an hour: the store may have lost what it was told before. */
  readonly onThumbhash: (key: string, thumbhash: string) => void;
  readonly onProblem?: (message: string) => void;
  readonly clock?: Clock;
}

// Not at each hit, which would be a write to the store; and not once for all, as a store evicts, and is lost.
const toldTtlMs = 3_600_000;
// More originals than the memory holds results of; about 10 MB.
const maxTold = 50_000;

const encoders = `${encodingRevision} ${sharp.versions.vips} ${sharp.versions.heif} ${sharp.versions.webp}`;

/** Names a variant, and is its entity tag: the same inputs and the same encoders give the same bytes. */
export function variantKey(source: string, options: ImageOptions, format: TargetFormat): string {
  const { version, width, height, fit, isDataSaver } = options;
  const text = `${source}\n${version} ${width} ${height} ${fit} ${isDataSaver} ${format}\n${encoders}`;
  return hash('sha256', text, 'base64url');
}

/** Makes variants of originals within the limits, and keeps both. */
export function createOptimizer(deps: OptimizerDeps, limits: ImageLimits): Optimizer {
  const { origin, originals, onThumbhash, onProblem = () => {}, clock = systemClock } = deps;
  const variants = createVariantCache(deps.variants, { maxMemoryBytes: limits.maxMemoryBytes, onProblem });
  const variantFlights = createSingleFlight<Variant>();
  const originalFlights = createSingleFlight<OriginalPicture>();
  // A line for pictures whose original is here, and one for each origin: one that hangs must hold up no pictures but its own.
  const here = createLine();
  const toDownload = new Map<string, WorkQueue>();
  // Only what has its turn in one of the lines comes here.
  const transforms = createWorkQueue({ maxRunning: limits.maxTransforms, maxQueued: Number.POSITIVE_INFINITY });
  const facts = new LRUCache<string, OriginalFacts>({ max: 10_000 });
  const told = new LRUCache<string, true>({
    max: maxTold,
    ttl: toldTtlMs,
    ttlResolution: 0,
    perf: { now: () => clock.nowMs() },
  });
  // A picture that is missing or broken is asked for by every phone that shows the product.
  const refused = new LRUCache<string, AppError>({
    max: 1000,
    ttl: limits.refusalTtlMs,
    perf: { now: () => clock.nowMs() },
  });
  const counted = { fromMemory: 0, fromDisk: 0, transformed: 0, downloaded: 0 };

  function createLine(): WorkQueue {
    return createWorkQueue({ maxRunning: limits.maxJobs, maxQueued: limits.maxQueued });
  }

  /** As many as there are on the list of origins, at most: no others get here. */
  function lineTo({ origin: name }: AllowedOriginal): WorkQueue {
    const line = toDownload.get(name) ?? createLine();
    toDownload.set(name, line);
    return line;
  }

  /** On the way of every picture that is served, wherever it was found. */
  function tell(variant: KeptVariant): KeptVariant {
    const { originalKey: key, thumbhash } = variant;
    if (!told.has(key)) {
      told.set(key, true);
      onThumbhash(key, thumbhash);
    }
    return variant;
  }

  async function download(key: string, request: VariantRequest, signal: AbortSignal): Promise<OriginalPicture> {
    const body = await origin.download(request.original, signal);
    counted.downloaded += 1;
    checkOriginal(body, limits);
    // What was known of it may be of another file.
    facts.delete(key);
    // Before the flight ends, so that whoever comes next finds it. From here on libvips reads the file: megabytes that pass
    // through V8's heap cost a garbage collection every few pictures, 8 % of a miss.
    await originals.write(key, [body], { isSynced: true });
    return (await originals.find(key)) ?? body;
  }

  async function fetchOriginal(key: string, request: VariantRequest, signal: AbortSignal): Promise<OriginalPicture> {
    // Somebody else's download may have ended while this one waited for its turn.
    return (await originals.find(key)) ?? download(key, request, signal);
  }

  async function make(
    picture: OriginalPicture,
    { key, request }: { readonly key: string; readonly request: VariantRequest },
    signal: AbortSignal,
  ): Promise<Variant> {
    const wanted = { ...request.options, format: request.format };
    const made = await transforms.run(
      () => transform(picture, wanted, { limits, facts: facts.get(key) ?? null }),
      signal,
    );
    counted.transformed += 1;
    facts.set(key, made.facts);
    const { body, format } = made;
    return tell(variants.keep(request.key, { body, format, originalKey: key, thumbhash: made.facts.thumbhash }));
  }

  /** Of the original in our cache; null where there is none, or none that can be read. */
  async function makeOfKept(key: string, request: VariantRequest, signal: AbortSignal): Promise<Variant | null> {
    const kept = await originals.find(key);
    if (kept === null) return null;
    try {
      return await here.run(() => make(kept, { key, request }, signal), signal);
    } catch (error) {
      if (!isLasting(error)) throw error;
      // Our copy may be to blame: gone since we looked, or damaged. It is not proof against the original.
      onProblem('an original in the cache could not be read, and is downloaded anew');
      await originals.remove(key);
      return null;
    }
  }

  async function makeOfDownloaded(key: string, request: VariantRequest, signal: AbortSignal): Promise<Variant> {
    try {
      return await lineTo(request.original).run(async () => {
        const picture = await originalFlights.join(key, signal, (own) => fetchOriginal(key, request, own));
        return make(picture, { key, request }, signal);
      }, signal);
    } catch (error) {
      if (isLasting(error)) refused.set(key, error);
      throw error;
    }
  }

  async function find(request: VariantRequest, signal: AbortSignal): Promise<Variant> {
    const kept = await variants.read(request.key);
    if (kept !== null) {
      counted.fromDisk += 1;
      return tell(kept);
    }
    const key = originalKey(request.source, request.options.version);
    const refusal = refused.get(key);
    if (refusal !== undefined) throw refusal;
    return (await makeOfKept(key, request, signal)) ?? (await makeOfDownloaded(key, request, signal));
  }

  return {
    peek(key) {
      const kept = variants.peek(key);
      if (kept === null) return null;
      counted.fromMemory += 1;
      return tell(kept);
    },
    variant: (request, signal) =>
      variantFlights.join(request.key, signal, (flightSignal) => find(request, flightSignal)),
    counts() {
      const lines = [here, ...toDownload.values()];
      const sum = (countOf: (line: WorkQueue) => number) => lines.reduce((total, line) => total + countOf(line), 0);
      return { ...counted, running: sum(({ running }) => running), queued: sum(({ queued }) => queued) };
    },
  };
}
