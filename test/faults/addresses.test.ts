import { addressFaults } from '../../scripts/faults/rows-addresses.ts';
import { testFaults } from './fault-tests.ts';

testFaults(addressFaults);
