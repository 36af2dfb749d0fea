import { writeFaults } from '../../scripts/faults/rows-writes.ts';
import { testFaults } from './fault-tests.ts';

testFaults(writeFaults);
