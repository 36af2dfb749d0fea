import { breakerFaults } from '../../scripts/faults/rows-breaker.ts';
import { testFaults } from './fault-tests.ts';

testFaults(breakerFaults);
