import { answerQuestions } from '../machine/questions.ts';
import { runTurn } from './turn.ts';

// A process of its own, so that what the bench does besides never stands between two requests.
answerQuestions({ turn: runTurn });
