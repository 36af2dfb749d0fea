import { runCommand } from './command.ts';

const timeoutMs = 100_000;

/** Runs codegen in the tree at `root`. Null: done; else why it failed, without the tool's boilerplate. */
export async function runCodegen(root: string): Promise<string | null> {
  const { exitCode, output } = await runCommand(['graphql-codegen', '--config', 'codegen.ts', '--verbose'], {
    cwd: root,
    // It is silent where NODE_ENV says test, about failures too.
    env: { NODE_ENV: 'development' },
    timeoutMs,
  });
  return exitCode === 0 ? null : condense(output);
}

/** One schema fails once for each file that is made of it, each time with a stack trace and general advice. */
function condense(output: string): string {
  const reasons = output
    .split('\n')
    .flatMap((line) => (line.startsWith('[FAILED] ') ? [line.slice('[FAILED] '.length)] : []))
    .filter(
      (line) =>
        !/^\s+at |^(?:GraphQL Code Generator supports|Try to use one of)|^- (?:ES|Intro|URL|Multi|String)/.test(line),
    );
  return reasons.length === 0 ? output.trim() : [...new Set(reasons)].join('\n');
}
