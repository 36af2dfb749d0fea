import { expect } from 'vitest';
import { imageLimits } from '../../../shared/images/image-settings.ts';
import { type OriginalFacts, type TransformRequest, transform } from '../../../shared/images/transform.ts';

export const base: TransformRequest = { width: 64, fit: 'inside', format: 'png' };

/** A variant, a small PNG where the request does not say otherwise. */
export function make(original: Buffer, request: Partial<TransformRequest> = {}, facts: OriginalFacts | null = null) {
  return transform(original, { ...base, ...request }, { limits: imageLimits, facts });
}

/** The variant as it is made the first time and as it is made once the facts are known. */
export async function makeBoth(original: Buffer, request: Partial<TransformRequest> = {}) {
  const first = await make(original, request);
  return [first, await make(original, request, first.facts)];
}

export function expectColour(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  const difference = Math.max(...expected.map((value, channel) => Math.abs(value - (actual[channel] ?? -1000))));
  expect(difference, `${actual.join()} is not ${expected.join()}`).toBeLessThanOrEqual(tolerance);
}
