/** One value of an answer that was served although its service could not say whether it still holds. */
export interface DegradedValue {
  /** As in an error's path, with `*` for every list index. */
  readonly path: readonly string[];
  readonly service: string;
  /** Why the service could not answer: its error's code, or `DEFAULT`. */
  readonly reason: string;
  /** Since the service said so; 0 for a default, which has no age. */
  readonly ageSeconds: number;
}

/** Degraded values of one place, as `extensions.degraded` lists them. */
export interface DegradedEntry {
  readonly path: readonly string[];
  readonly service: string;
  readonly reason: string;
  /** Since the service said so; the oldest of them. */
  readonly ageSeconds: number;
  /** How many values. */
  readonly count: number;
}

/** What `extensions.degraded` holds: the entries, then how many further values were degraded. */
export type DegradedReport = ReadonlyArray<DegradedEntry | { readonly more: number }>;

/** Collects the degraded values of one answer; bounded. */
export interface DegradedLog {
  /** Values that were degraded, listed or not. */
  readonly count: number;
  add(value: DegradedValue): void;
  /** Undefined where nothing was degraded. */
  toReport(): DegradedReport | undefined;
}

export interface DegradedLogOptions {
  /** The longest list; 20, so that a degraded answer is not much larger than a good one. */
  readonly maxEntries?: number;
}

/** An empty log, for one request. */
export function createDegradedLog(options: DegradedLogOptions = {}): DegradedLog {
  const { maxEntries = 20 } = options;
  const entries = new Map<string, { first: DegradedValue; ageSeconds: number; count: number }>();
  let more = 0;

  const log = {
    count: 0,
    add(value: DegradedValue) {
      log.count += 1;
      const key = `${value.path.join('.')} ${value.service} ${value.reason}`;
      const known = entries.get(key);
      if (known !== undefined) {
        known.count += 1;
        known.ageSeconds = Math.max(known.ageSeconds, value.ageSeconds);
      } else if (entries.size < maxEntries) {
        entries.set(key, { first: value, ageSeconds: value.ageSeconds, count: 1 });
      } else {
        more += 1;
      }
    },
    toReport() {
      if (log.count === 0) return undefined;
      const listed = Array.from(entries.values(), ({ first, ageSeconds, count: values }) => {
        return { path: first.path, service: first.service, reason: first.reason, ageSeconds, count: values };
      });
      return more === 0 ? listed : [...listed, { more }];
    },
  };
  return log;
}
