import { describe, expect, it } from 'vitest';
import { countTests, describeCounts } from '../../scripts/test-counts.ts';

function report(...files: ReadonlyArray<readonly [status: string, tests: readonly string[]]>): string {
  const testResults = files.map(([status, tests]) => ({
    status,
    assertionResults: tests.map((test) => ({ status: test })),
  }));
  return JSON.stringify({ testResults });
}

describe('the counts of a run', () => {
  it('are those of its tests', () => {
    const text = report(['passed', ['passed', 'passed']], ['failed', ['passed', 'failed', 'pending', 'todo']]);
    expect(countTests(text, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it('count a file that could not be loaded as one failure', () => {
    expect(countTests(report(['passed', ['passed']], ['failed', []]), 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it.each([
    ['every test passed and the run failed', report(['passed', ['passed']]), 1, { passed: 1, failed: 1, skipped: 0 }],
    ['no test ran', report(), 0, { passed: 0, failed: 1, skipped: 0 }],
    ['there is no report', null, 0, { passed: 0, failed: 1, skipped: 0 }],
    ['the report is cut off', '{"testResults":[', 1, { passed: 0, failed: 1, skipped: 0 }],
  ])('say failed when %s', (_, text, exitCode, counts) => {
    expect(countTests(text, exitCode)).toEqual(counts);
  });
});

it('the last line names what was skipped only where something was', () => {
  expect(describeCounts({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  expect(describeCounts({ passed: 12, failed: 3, skipped: 1 })).toBe('12 passed, 3 failed, 1 skipped');
});
