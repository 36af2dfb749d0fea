import { cacheFaults } from '../../scripts/faults/rows-cache.ts';
import { testFaults } from './fault-tests.ts';

testFaults(cacheFaults);
