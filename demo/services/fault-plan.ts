/** What a fault does to one request; the parts that are not given stay as they are. */
export interface FaultPlan {
  delayMs?: number;
  status?: number;
  hang?: true;
  reset?: true;
  malformed?: true | 'html' | 'empty';
  retryAfterSeconds?: number;
  /** Merged over the JSON answer. */
  body?: Record<string, unknown>;
  /** The request is carried out first and only its answer is faulted: a write happens and nobody learns of it. */
  after?: true;
}

/** Asked once for each request, after it was counted. */
export type DecideFault = (request: { service: string; instance: string; route: string }) => FaultPlan | null;
/** Told of each request that is part of a service's contract. */
export type CountCall = (request: { service: string; instance: string; route: string }) => void;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Lays the patch over the answer: objects are merged, lists and single values are replaced. An object over a list
 * reaches into it: `{"0": {...}}` changes the first entry, `{"*": {...}}` every one.
 */
export function mergeOver(answer: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  if (Array.isArray(answer)) {
    const each = patch['*'];
    return answer.map((entry: unknown, index) => {
      const own = Object.hasOwn(patch, String(index)) ? patch[String(index)] : each;
      return own === undefined ? entry : mergeOver(entry, own);
    });
  }
  const base = isRecord(answer) ? answer : {};
  const merged = Object.entries(patch).map(([name, value]) => [name, mergeOver(base[name], value)] as const);
  return { ...base, ...Object.fromEntries(merged) };
}
