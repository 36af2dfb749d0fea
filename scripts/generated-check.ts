import { findStaleFiles } from './generated-files.ts';

const problems = await findStaleFiles(process.cwd());
if (problems.length > 0) {
  console.error(
    `Generated files are stale; run \`npm run codegen\` and commit what it writes:\n${problems.join('\n')}`,
  );
  process.exitCode = 1;
}
