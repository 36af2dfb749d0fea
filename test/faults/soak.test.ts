import { soakFaults } from '../../scripts/faults/rows-soak.ts';
import { testFaults } from './fault-tests.ts';

testFaults(soakFaults);
