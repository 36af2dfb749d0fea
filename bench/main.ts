import { parseArgs } from 'node:util';
import { prepareTree } from './packages.ts';

const usage = `npm run bench                       everything, about 40 minutes on two quiet cores
npm run bench -- --quick            two scenarios, three rounds, one to two minutes
npm run bench -- --only=lines,start these scenarios alone
npm run bench -- --rounds=15        more rounds than nine`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  prepareTree();
  // Only now: it imports what has just been installed.
  const { runBench } = await import('./run.ts');
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 99)) {
    throw new Error('--rounds must be a whole number from 1 to 99.');
  }
  await runBench({ isQuick: values.quick, only: values.only?.split(',') ?? null, rounds });
}
