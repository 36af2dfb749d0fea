import type { Redis } from 'ioredis';
import type { RedisGateway } from '../redis/redis-gateway.ts';

/** One command of a round trip, and what becomes of its reply. */
export interface Step {
  issue(redis: Redis): Promise<unknown>;
  took?(reply: PromiseSettledResult<unknown>): void;
}

/**
 * Issues these commands in their order, as one write, and hands each its reply; no reply comes after this has ended. False where
 * Redis was not asked, or has not answered in time.
 */
export async function roundTrip(gateway: RedisGateway, steps: readonly Step[], limitMs: number): Promise<boolean> {
  if (steps.length === 0) return true;
  try {
    const replies = await gateway.run(limitMs, (redis) => steps.map((step) => step.issue(redis)));
    for (const [i, step] of steps.entries()) {
      const reply = replies[i];
      if (reply !== undefined) step.took?.(reply);
    }
    return true;
  } catch {
    return false;
  }
}
