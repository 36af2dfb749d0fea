import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { mintToken } from '../../demo/identity.ts';
import { buildServers } from '../../scripts/built-servers.ts';
import { createProgram } from '../../scripts/shop-programs.ts';
import { Supervisor } from '../../scripts/supervisor.ts';
import { findFreePort, findShopPort } from '../support/free-port.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { askGraphql } from '../support/stack.ts';

/** Where the build finds what it does not contain: `schema`, and the packages with native code. */
const caches = join(repositoryRoot, 'node_modules', '.cache');

let folder: string;

beforeAll(async () => {
  mkdirSync(caches, { recursive: true });
  folder = mkdtempSync(join(caches, 'built-'));
  await buildServers(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what npm run build wrote answers both clients, and makes the pictures', async () => {
  const [mobile, web, images] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const ports = { shop: await findShopPort(), mobile, web, images };
  const lines: string[] = [];
  const supervisor = new Supervisor({ onLine: (name, line) => lines.push(`${name}: ${line}`), onDeath: () => {} });
  onTestFinished(() => supervisor.end());

  await supervisor.start(await createProgram('shop', ports));
  for (const client of ['mobile', 'web'] as const) {
    const { env, ...program } = await createProgram(client, ports);
    await supervisor.start({
      ...program,
      script: join(folder, 'bffs', client, 'main.js'),
      env: { ...env, NODE_ENV: 'development' },
    });
  }

  const token = await mintToken('user-1');
  const home = '{ home { viewer { name } recommendations(first: 1) { name image { url } } } }';
  const phone = await askGraphql(`http://127.0.0.1:${mobile}/graphql`, home, { token });
  expect(phone.body.errors).toBeUndefined();
  const picture = await fetch(phone.body.data.home.recommendations[0].image.url);
  await picture.body?.cancel();
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^image\//)]);

  const { env } = await createProgram('mobile', ports);
  const alone = await findFreePort();
  await supervisor.start({
    name: 'images',
    script: join(folder, 'bffs', 'mobile', 'images.js'),
    env: { ...env, NODE_ENV: 'development', IMAGE_PORT: String(alone) },
    readyUrl: `http://127.0.0.1:${alone}/health`,
  });

  const dashboard = '{ dashboard { orders(first: 3) { nodes { status } } } }';
  const browser = await askGraphql(`http://127.0.0.1:${web}/graphql`, dashboard, { token });
  expect(browser.body.errors).toBeUndefined();
  expect(browser.body.data.dashboard.orders.nodes).toHaveLength(3);
  expect(lines).toEqual([]);
});

test('what was built has no character beyond ASCII, one graphql, and no hash in JavaScript', () => {
  for (const client of ['mobile', 'web']) {
    const home = join(folder, 'bffs', client);
    const scripts = readdirSync(home).filter((name) => name.endsWith('.js'));
    const texts = scripts.map((name) => readFileSync(join(home, name), 'latin1'));
    // oxlint-disable-next-line no-control-regex -- what is not ASCII
    expect(scripts.filter((_, index) => /[^\x00-\x7f]/.test(texts[index] ?? ''))).toEqual([]);
    expect(texts.join('').match(/\bclass GraphQLObjectType\b|\bGraphQLObjectType = class\b/g)).toHaveLength(1);
    expect(texts.join('').includes('module.require')).toBe(false);
  }
});
