import { pictureFaults } from '../../scripts/faults/rows-pictures.ts';
import { testFaults } from './fault-tests.ts';

testFaults(pictureFaults);
