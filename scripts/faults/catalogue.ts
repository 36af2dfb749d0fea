import type { Fault } from './fault.ts';
import { addressFaults } from './rows-addresses.ts';
import { answerFaults } from './rows-answers.ts';
import { breakerFaults } from './rows-breaker.ts';
import { cacheFaults } from './rows-cache.ts';
import { connectionFaults } from './rows-connections.ts';
import { instanceFaults } from './rows-instances.ts';
import { pictureFaults } from './rows-pictures.ts';
import { processFaults } from './rows-processes.ts';
import { redisFaults } from './rows-redis.ts';
import { soakFaults } from './rows-soak.ts';
import { statusFaults } from './rows-statuses.ts';
import { writeFaults } from './rows-writes.ts';

/** Every fault that this layer promises something about, by number; tests name the same numbers. */
export const catalogue: readonly Fault[] = [
  ...statusFaults,
  ...connectionFaults,
  ...addressFaults,
  ...answerFaults,
  ...breakerFaults,
  ...instanceFaults,
  ...redisFaults,
  ...cacheFaults,
  ...processFaults,
  ...pictureFaults,
  ...soakFaults,
  ...writeFaults,
].toSorted((left, right) => left.id.localeCompare(right.id));
