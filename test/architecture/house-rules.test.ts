import { describe, expect, it } from 'vitest';
import { isGenerated, listFiles, readSource } from '../support/source-files.ts';
import { findViolations, houseRules } from './house-rules.ts';

/** These two name what they forbid. */
const namesTheForbidden = new Set(['test/architecture/house-rules.ts', 'test/architecture/house-rules.test.ts']);

const files = listFiles()
  .filter((path) => /\.(?:ts|graphql|md)$/.test(path) && !isGenerated(path) && !namesTheForbidden.has(path))
  .map((path) => ({ path, text: readSource(path) }));

describe('the tree', () => {
  it.each(houseRules)('keeps the rule: $name', (rule) => {
    expect(findViolations(rule, files)).toEqual([]);
  });

  it('has the linter hold the other rules, and nobody switches them off in passing', () => {
    const config = JSON.parse(readSource('.oxlintrc.json').replace(/^\s*\/\/.*$/gm, '')) as {
      rules: Record<string, unknown>;
    };
    const held = [
      'typescript/no-explicit-any',
      'typescript/no-non-null-assertion',
      'typescript/ban-ts-comment',
      'typescript/no-floating-promises',
      'typescript/consistent-type-imports',
      'eslint/max-params',
      'node/no-process-env',
    ];
    expect(held.filter((rule) => ![config.rules[rule]].flat().includes('error'))).toEqual([]);
    const switchedOff = files
      .filter(({ path }) => !path.startsWith('test/'))
      .flatMap(({ path, text }) =>
        held
          .filter((rule) => new RegExp(`-disable.*${rule.split('/')[1]}`).test(text))
          .map((rule) => `${path}: ${rule}`),
      );
    expect(switchedOff).toEqual([]);
  });
});

describe('the rules', () => {
  const broken: ReadonlyArray<readonly [rule: number, path: string, text: string, found: string]> = [
    [0, 'shared/cache/ReadThrough.ts', '', 'shared/cache/ReadThrough.ts'],
    [0, 'shared/Cache/store.ts', '', 'shared/Cache/store.ts'],
    [1, 'shared/cache/index.ts', '', 'shared/cache/index.ts'],
    [1, 'shared/utils/dates.ts', '', 'shared/utils/dates.ts'],
    [2, 'bffs/web/server.ts', 'a\n'.repeat(401), 'bffs/web/server.ts'],
    [3, 'shared/cache/store.ts', 'const a = 1;\nexport default a;\n', 'shared/cache/store.ts:2'],
    [4, 'bffs/web/main.ts', '/* two\nlines */\nconst port = process.env.PORT;', 'bffs/web/main.ts:3'],
    [4, 'bffs/web/main.ts', 'await runProcess(() => start(process.env));', 'bffs/web/main.ts:1'],
    [4, 'bffs/web/main.ts', 'const { env } = process;', 'bffs/web/main.ts:1'],
    [4, 'bffs/web/server.ts', 'loadConfig(process.env);', 'bffs/web/server.ts:1'],
    [5, 'docs/adding.md', 'Later.\nTODO: more', 'docs/adding.md:2'],
    [6, 'shared/cache/store.ts', 'const a = b as any;', 'shared/cache/store.ts:1'],
    [6, 'test/a.test.ts', '// @ts-ignore', 'test/a.test.ts:1'],
    [7, 'test/a.test.ts', "it.skip('holds', () => {});", 'test/a.test.ts:1'],
  ];

  it.each(broken)('%i sees what is wrong with %s', (rule, path, text, found) => {
    expect(houseRules.slice(rule, rule + 1).flatMap((each) => findViolations(each, [{ path, text }]))).toEqual([found]);
  });

  const fine: ReadonlyArray<readonly [rule: number, path: string, text: string]> = [
    [0, 'test/shared/cache/read-through.test.ts', ''],
    [2, 'bffs/web/server.ts', 'a\n'.repeat(400)],
    [3, 'vitest.config.ts', 'export default {};'],
    [4, 'shared/config/config.ts', 'const { PORT } = process.env;'],
    [4, 'bffs/web/main.ts', 'await runProcess(() => startWebServer(loadConfig(process.env, { port: 4002 })));'],
    [4, 'shared/server/process.ts', '// Never process.env here.\nprocess.exitCode = 1;'],
    [4, 'test/support/redis.ts', 'process.env.PATH'],
  ];

  it.each(fine)('%i has nothing against %s', (rule, path, text) => {
    expect(houseRules.slice(rule, rule + 1).flatMap((each) => findViolations(each, [{ path, text }]))).toEqual([]);
  });
});
