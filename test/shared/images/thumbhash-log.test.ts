import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { originalKey } from '../../../shared/images/image-source.ts';
import { createThumbhashLog, type ThumbhashLogOptions } from '../../../shared/images/thumbhash-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

const keys = Array.from({ length: 2000 }, (_, index) => originalKey(`https://media.example/${index}.jpg`, 'v1'));
const [a = '', b = '', c = ''] = keys;

async function openLog(path: string, options: Partial<ThumbhashLogOptions> = {}) {
  const problems: string[] = [];
  const log = createThumbhashLog({ path, onProblem: (message) => problems.push(message), ...options });
  onTestFinished(() => log.close());
  await log.refresh();
  return { ...log, problems };
}

function logPath(): string {
  return join(createTemporaryFolder(), 'images', 'thumbhashes.log');
}

function hashOf(index: number): string {
  return Buffer.from(`thumbhash ${index}`).toString('base64');
}

describe('the log of thumbhashes', () => {
  it('gives what was set at once, null for the rest, in the order of the keys', async () => {
    const log = await openLog(logPath());
    void log.set(a, hashOf(1));
    void log.set(b, hashOf(2));
    expect(await log.getMany([b, c, a])).toEqual([hashOf(2), null, hashOf(1)]);
  });

  it('survives a restart', async () => {
    const path = logPath();
    const first = await openLog(path);
    await first.set(a, hashOf(1));
    await first.close();
    expect(await (await openLog(path)).getMany([a])).toEqual([hashOf(1)]);
  });

  it('shows one process what another wrote, within a second', async () => {
    const path = logPath();
    const clock = createFakeClock();
    const reader = await openLog(path, { clock });
    const writer = await openLog(path);
    await writer.set(a, hashOf(1));
    expect(await reader.getMany([a])).toEqual([null]);
    await clock.advance(1000);
    await expect.poll(() => reader.getMany([a])).toEqual([hashOf(1)]);
  });

  it('writes each pair once, and a new value for a key again', async () => {
    const path = logPath();
    const log = await openLog(path);
    for (let times = 0; times < 5; times += 1) await log.set(a, hashOf(1));
    await log.set(a, hashOf(2));
    expect(readFileSync(path, 'utf8').trim().split(/\n+/)).toEqual([`${a} ${hashOf(1)}`, `${a} ${hashOf(2)}`]);
    expect(await (await openLog(path)).getMany([a])).toEqual([hashOf(2)]);
  });

  it('skips a line that a crash cut off, and keeps the ones around it', async () => {
    const path = logPath();
    const first = await openLog(path);
    await first.set(a, hashOf(1));
    appendFileSync(path, `${c} cut`);
    const second = await openLog(path);
    await second.set(b, hashOf(2));
    expect(await (await openLog(path)).getMany([a, b, c])).toEqual([hashOf(1), hashOf(2), null]);
  });

  it('takes a line that arrives in two parts', async () => {
    const path = logPath();
    const log = await openLog(path);
    await log.set(b, hashOf(2));
    const line = `${a} ${hashOf(1)}\n`;
    appendFileSync(path, line.slice(0, 50));
    await log.refresh();
    expect(await log.getMany([a])).toEqual([null]);
    appendFileSync(path, line.slice(50));
    await log.refresh();
    expect(await log.getMany([a])).toEqual([hashOf(1)]);
  });

  it('does not mind what else is in the file', async () => {
    const path = join(createTemporaryFolder(), 'log');
    writeFileSync(path, `__proto__ AAAAAAAAAAAA\n${'x'.repeat(200_000)}\n\u0000\n${a} ${hashOf(1)}\n${b} <script>\n`);
    const log = await openLog(path);
    expect(await log.getMany([a, b, '__proto__'])).toEqual([hashOf(1), null, null]);
  });

  it('writes nothing that would break a line', async () => {
    const path = logPath();
    const log = await openLog(path);
    await log.set('a\nb', hashOf(1));
    await log.set(a, 'not base64\n');
    expect(await log.getMany(['a\nb', a])).toEqual([null, null]);
    expect(existsSync(path)).toBe(false);
  });

  it('stays bounded in memory and in the file, and other processes follow', async () => {
    const path = logPath();
    const log = await openLog(path, { maxEntries: 100 });
    const reader = await openLog(path, { maxEntries: 100 });
    for (const [index, key] of keys.entries()) {
      void log.set(key, hashOf(index));
      if (index % 100 === 0) await log.refresh();
    }
    await log.refresh();
    expect(statSync(path).size).toBeLessThan(2 * 100 * 96 + 100);
    await reader.refresh();
    expect(await reader.getMany(keys.slice(-1))).toEqual([hashOf(keys.length - 1)]);
    expect(await log.getMany(keys.slice(0, 1))).toEqual([null]);
  });

  it('goes on when its file was removed', async () => {
    const path = logPath();
    const log = await openLog(path);
    await log.set(a, hashOf(1));
    rmSync(path);
    await log.set(b, hashOf(2));
    expect(await log.getMany([a, b])).toEqual([hashOf(1), hashOf(2)]);
    expect(await (await openLog(path)).getMany([b])).toEqual([hashOf(2)]);
  });

  it('writes again what its file lost, once it is told', async () => {
    const path = logPath();
    const log = await openLog(path);
    await log.set(a, hashOf(1));
    rmSync(path);
    await log.refresh();
    await log.set(a, hashOf(1));
    expect(await (await openLog(path)).getMany([a])).toEqual([hashOf(1)]);
  });

  it('writes again what another file in its place does not have, once it is told', async () => {
    const path = logPath();
    const log = await openLog(path);
    await log.set(a, hashOf(1));
    await (await openLog(`${path}.new`)).set(b, hashOf(2));
    renameSync(`${path}.new`, path);
    await log.refresh();
    await log.set(a, hashOf(1));
    expect(await (await openLog(path)).getMany([a, b])).toEqual([hashOf(1), hashOf(2)]);
  });

  it('writes again what it could not write, once it is told', async () => {
    const folder = createTemporaryFolder({ images: 'a file where a folder should be' });
    const path = join(folder, 'images', 'log');
    const log = await openLog(path);
    await log.set(a, hashOf(1));
    rmSync(join(folder, 'images'));
    await log.set(a, hashOf(1));
    expect(await (await openLog(path)).getMany([a])).toEqual([hashOf(1)]);
  });

  it('says that it cannot write, and does not fail', async () => {
    const folder = createTemporaryFolder({ blocked: 'a file where a folder should be' });
    const log = await openLog(join(folder, 'blocked', 'log'));
    await log.set(a, hashOf(1));
    expect(log.problems).toContain('a thumbhash could not be written');
    expect(await log.getMany([a])).toEqual([hashOf(1)]);
  });
});
