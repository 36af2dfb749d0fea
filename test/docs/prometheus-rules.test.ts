import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMetrics } from '../../shared/observability/metrics.ts';

const path = 'docs/prometheus-rules.yaml';
const rules = readFileSync(path, 'utf8');

test('the rules name the four alerts, each of them in operations.md', () => {
  const names = Array.from(rules.matchAll(/- alert: (\w+)/g), ([, name]) => name);
  const operations = readFileSync('docs/operations.md', 'utf8');

  expect(names).toEqual(['circuit_open', 'no_instances', 'high_retry_rate', 'timeout_exceeded']);
  for (const name of names) expect(operations).toContain(`\`${name}\``);
});

test('the rules ask for metrics that a server has', async () => {
  const text = await createMetrics({ withProcess: false }).text();
  const asked = new Set(Array.from(rules.matchAll(/\b(bff_\w+)/g), ([, name]) => name));

  expect(asked.size).toBeGreaterThan(2);
  for (const name of asked) expect(text).toContain(`# TYPE ${name?.replace(/_count$/, '')} `);
});

test.each([
  ['accepts the rules', ['check', 'rules', path]],
  ['sees them fire when they must', ['test', 'rules', 'test/docs/prometheus-rules.cases.yaml']],
])('promtool %s, where it is present', (_what, args) => {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (error !== undefined) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOENT');
    return;
  }
  expect(status, stdout + stderr).toBe(0);
});
