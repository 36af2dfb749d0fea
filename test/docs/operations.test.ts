import { describe, expect, it } from 'vitest';
import { type ConfigDefaults, loadConfig } from '../../shared/config/config.ts';
import { ConfigError } from '../../shared/config/config-error.ts';
import { serviceNames, serviceVariable } from '../../shared/config/services.ts';
import { defaultServicePolicy } from '../../shared/downstream/policy.ts';
import { defaultDocumentLimits } from '../../shared/graphql/limits/document-limits.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { readSource } from '../support/source-files.ts';
import { listLogMessages } from './log-messages.ts';
import { listReads } from './reads.ts';
import { listVariables } from './settings.ts';
import { readCodes, readDurationMs, readTable } from './table.ts';

const page = readSource('docs/operations.md');
const mobile: ConfigDefaults = { port: 4001, adminPort: 4011, hasImages: true };

describe('the settings of docs/operations.md', () => {
  const services = serviceNames.map(serviceVariable);
  const settings = readTable(page, 'Settings').flatMap(([name, defaultValue = '', meaning = '']) => {
    const names = readCodes(name).flatMap((code) => (code === '<SERVICE>_URLS' ? services : [code]));
    return names.map((variable) => ({ variable, defaultValue, meaning }));
  });
  const secretFiles = readCodes(/^Secrets can be kept[\s\S]*?\n\n/m.exec(page)?.[0]);

  it('are all that the code reads, and nothing else', async () => {
    const documented = [...settings.map(({ variable }) => variable), ...secretFiles];
    expect(documented.toSorted()).toEqual(await listVariables());
  });

  it('each have a meaning', () => {
    expect(settings.filter(({ meaning }) => meaning === '')).toEqual([]);
  });

  const env = { SERVICE_TOKEN: 'only-for-this-test-0123456789abcdef' };
  const withDefault = settings.flatMap(({ variable, defaultValue }) =>
    readCodes(defaultValue)
      .slice(0, 1)
      .map((value) => ({ variable, value })),
  );

  it.each(withDefault)('$variable is $value where nobody says otherwise', ({ variable, value }) => {
    expect(loadConfig({ ...env, [variable]: value }, mobile)).toEqual(loadConfig(env, mobile));
  });

  it('are marked where production must say them: without them it names each of them', () => {
    const marked = settings.filter(({ defaultValue }) => defaultValue.startsWith('must be set'));
    expect(marked.map(({ variable }) => variable).toSorted()).toEqual(findProblems({ NODE_ENV: 'production' }));
  });

  it('are known in production: none of them counts as misspelt', () => {
    const everything = Object.fromEntries(settings.map(({ variable }) => [variable, '?']));
    try {
      loadConfig({ ...everything, NODE_ENV: 'production' }, mobile);
    } catch (error) {
      expect((error as ConfigError).problems.filter((problem) => problem.includes('is not a setting'))).toEqual([]);
    }
  });
});

describe('the other tables of docs/operations.md', () => {
  it.each([
    [1, 'mobile'],
    [2, 'web'],
  ])('column %i shows what the profile of %s holds', (column, client) => {
    const profile = readSource(`bffs/${client}/profile.ts`);
    for (const row of readTable(page, 'What differs by client')) {
      const figure = `${readCodes(row[0])[0]}: ${row[column]},`;
      expect(profile.replaceAll('_', '')).toContain(figure);
    }
  });

  it('show for how long each read keeps what', () => {
    const shown = readTable(page, 'What is kept').map(([read, whose, fresh, revalidate, keep, defaultValue]) => ({
      name: read?.replaceAll('`', ''),
      audience: whose === "everybody's" ? 'public' : 'viewer',
      windows: {
        freshForMs: readDurationMs(fresh),
        revalidateForMs: readDurationMs(revalidate),
        keepForMs: readDurationMs(keep),
      },
      defaultValue: readCodes(defaultValue)[0],
    }));
    expect(shown.toSorted(byName)).toEqual(listReads().toSorted(byName));
  });

  it('show every figure of a service’s policy with its default', () => {
    const shown = readTable(page, 'Policies of a service').map(([figure, value]) => [
      readCodes(figure)[0],
      readCodes(value)[0],
    ]);
    expect(shown).toEqual(Object.entries(defaultServicePolicy).map(([figure, value]) => [figure, String(value)]));
  });

  it('show every limit of a document with its default', () => {
    const shown = readTable(page, 'Limits of a request').map(([figure, value]) => [
      readCodes(figure)[0],
      readCodes(value)[0],
    ]);
    expect(shown).toEqual(Object.entries(defaultDocumentLimits).map(([figure, value]) => [figure, String(value)]));
  });

  it('name every line of the log', () => {
    const shown = readTable(page, 'Log lines').flatMap(([message]) => readCodes(message));
    expect(shown.toSorted()).toEqual(listLogMessages().toSorted());
  });

  it('name every metric', async () => {
    const shown = readTable(page, 'Metrics').map(([name]) => readCodes(name)[0]);
    const text = await createMetrics({ withProcess: false }).text();
    expect(new Set(shown)).toEqual(new Set([...text.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name)));
  });
});

function findProblems(env: Readonly<Record<string, string>>): string[] {
  try {
    loadConfig(env, mobile);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => problem.split(':', 1)[0] ?? '').toSorted();
  }
}

function byName(a: { name: string | undefined }, b: { name: string | undefined }): number {
  return (a.name ?? '').localeCompare(b.name ?? '');
}
