import { AppError } from '../errors.ts';
import type { RateDecision } from '../security/rate-limit.ts';

const counted = {
  points: 'requests',
  calls: 'calls of this field',
  tokens: 'tokens from this address that were not valid',
} as const;

/** A caller that has spent its points, its calls of a sensitive field, or its tries with forged tokens. */
export class RateRefusal extends AppError {
  readonly decision: RateDecision;

  constructor(decision: RateDecision) {
    super('RATE_LIMITED', `Too many ${counted[decision.counts]}: wait before you send the next one.`, {
      retryAfterSeconds: decision.resetSeconds,
    });
    this.decision = decision;
  }
}

/** draft-ietf-httpapi-ratelimit-headers-10, on every answer and on the refusal. */
export function rateHeaders(rate: RateDecision): readonly [string, string, string, string] {
  return [
    'ratelimit-policy',
    `"${rate.counts}";q=${rate.limit};w=60`,
    'ratelimit',
    `"${rate.counts}";r=${rate.remaining};t=${rate.resetSeconds}`,
  ];
}
