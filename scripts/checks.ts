/** One thing that must hold of the tree as it is; each runs on its own, so several run at once. */
export interface Check {
  readonly name: string;
  readonly command: readonly string[];
  /** What to type to put it right, where a command does. */
  readonly remedy?: string;
}

const types: Check = { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] };
const lint: Check = { name: 'lint', command: ['oxlint'] };
const format: Check = { name: 'format', command: ['biome', 'check'], remedy: 'npm run format' };
const unusedCode: Check = { name: 'unused code', command: ['knip', '--no-progress'] };
const generatedFiles: Check = {
  name: 'generated files',
  command: ['node', 'scripts/generated-check.ts'],
  remedy: 'npm run codegen',
};

/** What `npm test` holds the tree against before it runs the tests. */
export const checks: readonly Check[] = [types, lint, format, unusedCode, generatedFiles];

/** The part of it that a developer wants on every save. */
export const quickChecks: readonly Check[] = [types, lint];

/** Tests that start processes, compilers or a Redis, encode pictures, or try very many cases: left out of `npm run test:quick`. */
export const slowTests: readonly string[] = [
  'test/bffs/**',
  'test/clients/**',
  'test/demo/**',
  'test/docs/**',
  'test/faults/**',
  'test/scripts/**',
  'test/shared/images/**',
  'test/types.test.ts',
  'test/**/conformance/**',
  'test/**/redis-*.test.ts',
  'test/**/*-model.test.ts',
  'test/**/*.slow.test.ts',
];
