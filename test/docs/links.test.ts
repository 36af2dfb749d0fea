import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles, readSource, repositoryRoot } from '../support/source-files.ts';
import { readBlocks } from './blocks.ts';
import { listVariables } from './settings.ts';

const { scripts } = JSON.parse(readSource('package.json')) as { scripts: Record<string, string> };
const pages = listFiles().filter((path) => path.endsWith('.md'));

/** Every link of a page to a file or heading of ours, as the path and heading that it leads to. */
function listLinks(page: string): { target: string; heading: string | undefined }[] {
  const links = [...readSource(page).matchAll(/\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
  return links.map(([, path = '', heading]) => ({
    target: path === '' ? page : normalize(join(dirname(page), path)),
    heading,
  }));
}

/** As a page's headings are linked to. */
function listAnchors(page: string): string[] {
  const headings = [...readSource(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the pages', () => {
  it('are some', () => expect(pages.length).toBeGreaterThan(5));

  it.each(pages)('%s leads to what is there', (page) => {
    const broken = listLinks(page).filter(({ target, heading }) => {
      if (!existsSync(join(repositoryRoot, target))) return true;
      return heading !== undefined && !listAnchors(target).includes(heading);
    });
    expect(broken).toEqual([]);
  });

  it.each(pages)('%s names only npm scripts that there are', (page) => {
    // The page on clients adds one of its own.
    const known = [...Object.keys(scripts), 'start:kiosk'];
    const named = [...readSource(page).matchAll(/npm run (?:--silent )?([a-z]+(?::[a-z]+)*)/g)].map(
      ([, name = '']) => name,
    );
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(pages)('%s sets only variables that something reads', async (page) => {
    const shells = readBlocks(readSource(page)).filter(({ language }) => language === 'sh');
    const set = shells.flatMap(({ text }) =>
      [...text.matchAll(/(?<![\w$?&{])([A-Z][A-Z0-9_]{2,})=/g)].map(([, name]) => name),
    );
    // The token is the commands' own; the page on services adds one of its own.
    const known = [...(await listVariables()), ...demoVariables, 'TOKEN', 'REVIEWS_URLS'];
    expect(set.filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });
});

const demoVariables = ['DEMO_PORT_BASE', 'DEMO_SEED', 'DEMO_NOW', 'DEMO_INSTANCES', 'MOBILE_PORT', 'WEB_PORT'];
