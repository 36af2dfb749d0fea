import { connectionFaults } from '../../scripts/faults/rows-connections.ts';
import { testFaults } from './fault-tests.ts';

testFaults(connectionFaults);
