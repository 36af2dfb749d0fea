import { answerFaults } from '../../scripts/faults/rows-answers.ts';
import { testFaults } from './fault-tests.ts';

testFaults(answerFaults);
