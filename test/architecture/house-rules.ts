/** One file with its text, as the rules see it. */
export interface RuledFile {
  readonly path: string;
  readonly text: string;
}

/** A rule of CONTRIBUTING.md that a machine can hold and the linter does not. */
export interface HouseRule {
  readonly name: string;
  /** The files that it is about. */
  appliesTo(path: string): boolean;
  /** What is wrong, as line numbers (0: the file as a whole). */
  violations(file: RuledFile): number[];
}

const isProduct = (path: string) => /^(?:bffs|shared)\/.*\.ts$/.test(path);
const isTypeScript = (path: string) => path.endsWith('.ts');
const isTest = (path: string) => /^test\/.*\.test\.ts$/.test(path);

/** Line numbers on which a pattern is found in code, comments left out. */
function linesWith(pattern: RegExp, text: string): number[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''));
  return code.split('\n').flatMap((line, index) => (pattern.test(line.replace(/^\s*\/\/.*$/, '')) ? [index + 1] : []));
}

const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;

/** Names that say where a thing was put instead of what it is. */
const emptyNames = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'index']);

const maxLines = 400;

export const houseRules: readonly HouseRule[] = [
  {
    name: 'folders and files have kebab-case names',
    appliesTo: (path) => /\.(?:ts|graphql)$/.test(path),
    violations: ({ path }) => (path.split('/').every((name) => kebabCase.test(name)) ? [] : [0]),
  },
  {
    name: 'a name says what a file is about: no utils, helpers, common, no index.ts',
    appliesTo: isTypeScript,
    violations: ({ path }) => (path.split('/').some((name) => emptyNames.has(name.replace(/\..*$/, ''))) ? [0] : []),
  },
  {
    name: `no file is longer than ${maxLines} lines`,
    appliesTo: (path) => /\.(?:ts|graphql)$/.test(path),
    violations: ({ text }) => (text.split('\n').length - 1 > maxLines ? [0] : []),
  },
  {
    name: 'nothing is a default export, but for what a tool demands',
    appliesTo: (path) => isTypeScript(path) && path !== 'codegen.ts' && !/^[^/]+\.config\.ts$/.test(path),
    violations: ({ text }) => linesWith(/^export default\b|\bas default\b/, text),
  },
  {
    name: 'process.env is read in shared/config alone; the entry of a process hands it over and does no more',
    appliesTo: (path) => isProduct(path) && !path.startsWith('shared/config/'),
    violations: ({ text }) => {
      const code = text.includes('await runProcess(') ? text.replaceAll(/\bload\w*Config\(process\.env\b/g, '') : text;
      return linesWith(/\bprocess\s*\.\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/, code);
    },
  },
  {
    name: 'nothing is left for later in a comment',
    appliesTo: (path) => /\.(?:ts|graphql|md)$/.test(path),
    violations: ({ text }) =>
      text.split('\n').flatMap((line, index) => (/\b(?:TODO|FIXME)\b/.test(line) ? [index + 1] : [])),
  },
  {
    name: 'the type checker is not told to look away',
    appliesTo: isTypeScript,
    violations: ({ text }) => [
      ...linesWith(/\bas any\b/, text),
      ...text.split('\n').flatMap((line, index) => (/@ts-(?:ignore|nocheck)/.test(line) ? [index + 1] : [])),
    ],
  },
  {
    name: 'no test is skipped, singled out or tried again',
    appliesTo: isTest,
    violations: ({ text }) => linesWith(/\b(?:it|test|describe)\.(?:only|skip|todo|fails)\b|\bretry:\s*[1-9]/, text),
  },
];

/** Where a rule does not hold, one line each. */
export function findViolations(rule: HouseRule, files: readonly RuledFile[]): string[] {
  return files
    .filter(({ path }) => rule.appliesTo(path))
    .flatMap((file) => rule.violations(file).map((line) => (line === 0 ? file.path : `${file.path}:${line}`)));
}
