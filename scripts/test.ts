import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Check, checks, quickChecks, slowTests } from './checks.ts';
import { type CommandResult, runCommand } from './command.ts';
import { countTests, describeCounts, type TestCounts } from './test-counts.ts';

/** `npm test` has 8 minutes on two cores; what takes longer than these hangs. */
const checkTimeoutMs = 120_000;
const testsTimeoutMs = 10 * 60_000;

interface Outcome {
  readonly name: string;
  readonly isPassed: boolean;
  readonly durationMs: number;
  readonly remark: string;
}

function describeOutcome({ name, isPassed, durationMs, remark }: Outcome): string {
  return `${isPassed ? '✓' : '✗'} ${name.padEnd(16)} ${(durationMs / 1000).toFixed(1).padStart(6)} s${remark}`;
}

async function runCheck(check: Check): Promise<Outcome> {
  const result = await runCommand(check.command, { timeoutMs: checkTimeoutMs });
  const isPassed = result.exitCode === 0;
  const outcome = {
    name: check.name,
    isPassed,
    durationMs: result.durationMs,
    remark: isPassed || check.remedy === undefined ? '' : `   put right by: ${check.remedy}`,
  };
  console.log(describeOutcome(outcome));
  if (!isPassed) console.log(`\n${result.output.trim()}\n`);
  return outcome;
}

/** Runs the checks, as many at once as there are cores, and shows each when it ends. */
async function runChecks(waiting: readonly Check[]): Promise<Outcome[]> {
  const queue = [...waiting];
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) outcomes.push(await runCheck(check));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return outcomes;
}

async function runTests(excluded: readonly string[]): Promise<{ result: CommandResult; counts: TestCounts }> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-bff-test-'));
  const reportPath = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const exclusions = excluded.map((glob) => `--exclude=${glob}`);
  try {
    const result = await runCommand(['vitest', 'run', ...reporters, ...exclusions], {
      timeoutMs: testsTimeoutMs,
      // Each file of tests is a process, and many start others: what one has compiled the next need not.
      env: { NODE_COMPILE_CACHE: join(folder, 'compiled') },
      isShown: true,
    });
    const report = existsSync(reportPath) ? readFileSync(reportPath, 'utf8') : null;
    return { result, counts: countTests(report, result.exitCode) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// The programs that this starts are in groups of their own, where a terminal's Ctrl-C does not reach them: our end ends them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const isQuick = process.argv.includes('--quick');
const outcomes = await runChecks(isQuick ? quickChecks : checks);
const { result, counts } = await runTests(isQuick ? slowTests : []);
const failedChecks = outcomes.filter(({ isPassed }) => !isPassed).length;
const total = {
  passed: counts.passed + outcomes.length - failedChecks,
  failed: counts.failed + failedChecks,
  skipped: counts.skipped,
};

outcomes.push({
  name: 'tests',
  isPassed: counts.failed === 0,
  durationMs: result.durationMs,
  remark: `   ${describeCounts(counts)}`,
});
console.log(`\n${outcomes.map(describeOutcome).join('\n')}\n`);
// CI reads the last line: the checks above count as one test each.
console.log(describeCounts(total));
process.exitCode = total.failed === 0 ? 0 : 1;
