import { statusFaults } from '../../scripts/faults/rows-statuses.ts';
import { testFaults } from './fault-tests.ts';

testFaults(statusFaults);
