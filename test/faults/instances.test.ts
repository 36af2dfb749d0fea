import { instanceFaults } from '../../scripts/faults/rows-instances.ts';
import { testFaults } from './fault-tests.ts';

testFaults(instanceFaults);
