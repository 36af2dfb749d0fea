/** How many tests (and checks) held, did not, and were left out. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What is read of the report that vitest's `json` reporter writes. */
interface VitestReport {
  readonly testResults: ReadonlyArray<{
    readonly status: string;
    readonly assertionResults: ReadonlyArray<{ readonly status: string }>;
  }>;
}

/**
 * Counts a vitest run. A file that could not be loaded counts as one failure, and so does a run that failed though every
 * test passed (an error that nobody caught, a run that was cut short): neither may end in "0 failed".
 */
export function countTests(reportText: string | null, exitCode: number): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of readReport(reportText)) {
    let failedHere = 0;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') failedHere += 1;
      else counts.skipped += 1;
    }
    counts.failed += file.status === 'failed' ? Math.max(1, failedHere) : failedHere;
  }
  if (counts.failed === 0 && (exitCode !== 0 || counts.passed === 0)) counts.failed = 1;
  return counts;
}

/** The last line of `npm test`, which CI reads. */
export function describeCounts({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function readReport(text: string | null): VitestReport['testResults'] {
  if (text === null) return [];
  try {
    return (JSON.parse(text) as VitestReport).testResults;
  } catch {
    return [];
  }
}
