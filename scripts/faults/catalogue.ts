import type { Fault } from './fault.ts';
import { addressFaults } from './rows-addresses.ts';
import { answerFaults } from './rows-answers.ts';
import { connectionFaults } from './rows-connections.ts';
import { statusFaults } from './rows-statuses.ts';

/** Every row of reliability §2, in its order. */
export const catalogue: readonly Fault[] = [
  ...statusFaults,
  ...connectionFaults,
  ...addressFaults,
  ...answerFaults,
].toSorted((left, right) =>
  left.id.localeCompare(right.id),
);
