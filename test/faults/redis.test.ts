import { redisFaults } from '../../scripts/faults/rows-redis.ts';
import { testFaults } from './fault-tests.ts';

testFaults(redisFaults);
