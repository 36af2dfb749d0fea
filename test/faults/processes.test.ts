import { processFaults } from '../../scripts/faults/rows-processes.ts';
import { testFaults } from './fault-tests.ts';

testFaults(processFaults);
