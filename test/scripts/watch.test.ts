import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { planRestart } from '../../scripts/restart-plan.ts';
import { watchFolders } from '../../scripts/watch.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

describe('after a change of', () => {
  it.each([
    ['bffs/mobile/server.ts', false, ['mobile']],
    ['bffs/web/resolvers/dashboard.ts', true, ['web']],
    ['shared/server/http.ts', false, ['mobile', 'web']],
    ['shared/domains/catalog/model.ts', true, ['mobile', 'web']],
    ['schema/web/orders.graphql', true, ['mobile', 'web']],
    ['demo/world/products.ts', false, ['shop']],
    ['bffs/web/generated.ts', false, []],
    ['shared/domains/generated.ts', false, []],
    ['schema/generated/web/schema.graphql', false, []],
  ])('%s: codegen %s, started again: %j', (path, needsCodegen, programs) => {
    expect(planRestart([path])).toEqual({ needsCodegen, programs: new Set(programs) });
  });
});

it('reports the files of one save once, those in new folders too', async () => {
  const root = createTemporaryFolder({ 'a.ts': '', 'sub/b.ts': '' });
  const reports: string[][] = [];
  const watch = watchFolders([root], (paths) => reports.push([...paths].toSorted()));
  onTestFinished(() => watch.close());
  mkdirSync(join(root, 'new'));
  writeFileSync(join(root, 'a.ts'), '1');
  writeFileSync(join(root, 'sub/b.ts'), '1');
  await expect.poll(() => reports.length).toBe(1);
  expect(reports[0]).toEqual([`${root}/a.ts`, `${root}/new`, `${root}/sub/b.ts`]);
});

it('reports a file each time that an editor puts a new one in its place, also in a folder that was made anew', async () => {
  const root = createTemporaryFolder({ 'sub/a.ts': '' });
  const reported = new Set<string>();
  const watch = watchFolders([root], (paths) => paths.forEach((path) => reported.add(path)));
  onTestFinished(() => watch.close());
  const isReportedAfter = async (change: () => void) => {
    reported.clear();
    change();
    await expect.poll(() => [...reported]).toContain(`${root}/sub/a.ts`);
  };
  const save = () => {
    writeFileSync(join(root, 'sub/a.ts.new'), '1');
    renameSync(join(root, 'sub/a.ts.new'), join(root, 'sub/a.ts'));
  };
  await isReportedAfter(save);
  await isReportedAfter(save);
  await isReportedAfter(() => rmSync(join(root, 'sub'), { recursive: true }));
  await isReportedAfter(() => {
    mkdirSync(join(root, 'sub'));
    save();
  });
  await isReportedAfter(save);
});

it('reports what was in a folder when it was moved in', async () => {
  const root = createTemporaryFolder({ 'watched/b.ts': '', 'elsewhere/deep/c.ts': '' });
  const reports: string[][] = [];
  const watch = watchFolders([join(root, 'watched')], (paths) => reports.push([...paths].toSorted()));
  onTestFinished(() => watch.close());
  renameSync(join(root, 'elsewhere'), join(root, 'watched/new'));
  await expect.poll(() => reports.length).toBe(1);
  expect(reports[0]).toContain(join(root, 'watched/new/deep/c.ts'));
});
