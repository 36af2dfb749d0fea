import { AppError } from '../errors.ts';
import type { RateDecision } from '../security/rate-limit.ts';

/** A caller that has spent its points. */
export class RateRefusal extends AppError {
  readonly decision: RateDecision;

  constructor(decision: RateDecision) {
    super('RATE_LIMITED', 'Too many requests: wait before you send the next one.', {
      retryAfterSeconds: decision.resetSeconds,
    });
    this.decision = decision;
  }
}

/** draft-ietf-httpapi-ratelimit-headers-10, on every answer and on the refusal. */
export function rateHeaders(rate: RateDecision): readonly [string, string, string, string] {
  return [
    'ratelimit-policy',
    `"points";q=${rate.limit};w=60`,
    'ratelimit',
    `"points";r=${rate.remaining};t=${rate.resetSeconds}`,
  ];
}
