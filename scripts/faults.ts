import { differences, summarise } from './faults/bound.ts';
import { catalogue } from './faults/catalogue.ts';
import type { Fault } from './faults/fault.ts';
import { openShop } from './faults/lab.ts';
import { meet } from './faults/run.ts';
import { describeRow, describeSighting } from './faults/table.ts';

/** A promised figure passes within this many times itself: it is about the mechanism, not about the machine. */
const slack = { time: 3, share: 1 };

function chosen(only: string | undefined): readonly Fault[] {
  if (only === undefined) return catalogue;
  const wanted = only.split(',');
  const unknown = wanted.filter((id) => !catalogue.some((fault) => fault.id === id));
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(', ')}: take some of ${catalogue.map(({ id }) => id).join(',')}.`);
    process.exit(1);
  }
  return catalogue.filter(({ id }) => wanted.includes(id));
}

/** What is seen with the mechanism away; a row that holds all the same does not show what it is there for. */
async function describeWithout(fault: Fault): Promise<string> {
  if ('rule' in fault.off) return `a rule of the code: ${fault.off.rule}`;
  const seen = summarise(fault, await meet(shop, fault, { off: fault.off.options, isFull: true }));
  const isKept = differences(fault, seen, slack).length === 0;
  return `${describeSighting(seen)}   [${fault.off.name}]${isKept ? '   HOLDS WITHOUT IT TOO' : ''}`;
}

const at = process.argv.indexOf('--only');
const faults = chosen(at === -1 ? undefined : process.argv[at + 1]);
const shop = await openShop();
let broken = 0;
console.log(
  `Times on the wall: the median of 9 runs, in milliseconds; they pass within ${slack.time} times the figure.\n`,
);
for (const fault of faults) {
  const runs = await meet(shop, fault, { isFull: true });
  const seen = summarise(fault, runs);
  const wrong = differences(fault, seen, slack);
  if (wrong.length > 0) broken += 1;
  console.log(
    describeRow({
      ...fault,
      isKept: wrong.length === 0,
      withMechanism: `${describeSighting(seen)}${runs.length > 1 ? ` (${runs.length} runs)` : ''}${wrong.map((line) => `\n       BROKEN   ${line}`).join('')}`,
      without: await describeWithout(fault),
    }),
  );
}
await shop.close();
console.log(`\n${faults.length - broken} of ${faults.length} promises hold.`);
process.exit(broken === 0 ? 0 : 1);
