import type { AttemptResult } from './attempt-result.ts';
import type { ServicePolicy } from './policy.ts';

/** Whether an attempt that failed like this may be made again without doing anything twice or asking a service that said no. */
export function mayRepeat(result: AttemptResult, isIdempotent: boolean): boolean {
  switch (result.failure) {
    case 'network':
    case 'timeout':
      // What was never written to a connection has done nothing, a payment included.
      return isIdempotent || !result.wasSent;
    case 'server-error':
      return isIdempotent;
    case 'rate-limited':
      // Without a time to wait for, asking again is what the service has just refused.
      return isIdempotent && result.retryAfterMs !== undefined;
    case 'unreadable':
    case 'deadline':
    case 'cancelled':
    case 'overloaded':
    case 'no-instance':
    case 'invalid':
    case null:
      return false;
  }
}

/**
 * How long to wait before the attempt after the `attempt`th: full jitter, and never less than the service asked for. `Infinity` where
 * it asked for more than the longest backoff: whoever is told so at once, and when to come back, is better off than whoever waits.
 */
export function backoffMs(
  attempt: number,
  retryAfterMs: number | undefined,
  options: { readonly policy: Pick<ServicePolicy, 'backoffBaseMs' | 'backoffCapMs'>; readonly random: () => number },
): number {
  const { policy, random } = options;
  const askedMs = retryAfterMs ?? 0;
  if (askedMs > policy.backoffCapMs) return Infinity;
  const jitterMs = random() * Math.min(policy.backoffCapMs, policy.backoffBaseMs * 2 ** (attempt - 1));
  return askedMs + jitterMs;
}
