import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isPortFree } from '../../scripts/ports.ts';
import { portSettings } from '../../scripts/shop-programs.ts';
import { findFreePort, findShopPort } from '../support/free-port.ts';
import { repositoryRoot } from '../support/source-files.ts';

const readyWithinMs = 15_000;
const endsWithinMs = 2000;

interface Demo {
  readonly child: ChildProcess;
  readonly ports: { readonly shop: number; readonly mobile: number; readonly web: number; readonly images: number };
  /** All that it has written. */
  output(): string;
}

async function startDemo(env: Readonly<Record<string, string>> = {}): Promise<Demo> {
  const [mobile, web, images] = await Promise.all([findFreePort(), findFreePort(), findFreePort()]);
  const ports = { shop: await findShopPort(), mobile, web, images };
  const child = spawn(process.execPath, ['scripts/start.ts'], {
    cwd: repositoryRoot,
    env: {
      ...process.env,
      DEMO_PORT_BASE: String(ports.shop),
      MOBILE_PORT: String(ports.mobile),
      WEB_PORT: String(ports.web),
      IMAGE_PORT: String(ports.images),
      NODE_ENV: 'development',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, ports, output: () => output };
}

/** What curl is told when a person pastes this line into a shell; sent from here, for not every machine has curl. */
async function runCurl(line: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)('bash', ['-c', `curl() { printf '%s\\0' "$@"; }\n${line}`]);
  const words = stdout.split('\0').slice(0, -1);
  const after = (option: string) => words.flatMap((word, index) => (words[index - 1] === option ? [word] : []));
  const [silent, url = '', ...options] = words;
  expect([silent, ...options.filter((_, index) => index % 2 === 0)]).toEqual(['-s', '-H', '-H', '-d']);
  const headers = after('-H').map((header): [string, string] => [
    header.split(': ', 1)[0] ?? '',
    header.replace(/^.*?: /, ''),
  ]);
  const response = await fetch(url, { method: 'POST', headers, body: after('-d').join('') });
  return response.json();
}

async function waitForEnd({ child }: Demo): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'close');
  return child.exitCode;
}

describe('npm start', () => {
  it('is ready in 15 s, its curl lines work when pasted, and Ctrl-C ends everything within 2 s', async () => {
    const demo = await startDemo();
    await expect.poll(demo.output, { timeout: readyWithinMs }).toContain('Ctrl-C ends everything.');

    const commands = demo
      .output()
      .split('\n')
      .filter((line) => line.startsWith('curl '));
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const answer = (await runCurl(command)) as { data: Record<string, Record<string, unknown>>; errors?: unknown };
      expect(answer.errors).toBeUndefined();
      const [screen = {}] = Object.values(answer.data);
      expect(Object.entries(screen).filter(([, section]) => section === null)).toEqual([]);
    }

    const startedMs = performance.now();
    demo.child.kill('SIGINT');
    expect(await waitForEnd(demo)).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(endsWithinMs);
    expect(await Promise.all(Object.values(demo.ports).map(isPortFree))).toEqual([true, true, true, true]);
    // Nothing but the guide: no warning, no stack trace.
    expect(demo.output()).not.toMatch(/warn|error|^\[/im);
  });

  it('says in one line which port is in use and what to do', async () => {
    const port = await findFreePort();
    const holder = createServer().listen(port, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const demo = await startDemo({ WEB_PORT: String(port) });
    expect(await waitForEnd(demo)).toBe(1);
    expect(demo.output()).toMatch(
      new RegExp(`^Port ${port} \\(web\\) is in use: stop .*, or take another one: WEB_PORT=\\d+ npm start\\n$`),
    );
  });

  it('says which program could not start and why, and ends the others', async () => {
    const demo = await startDemo({ DEMO_SEED: 'seven' });
    expect(await waitForEnd(demo)).toBe(1);
    expect(demo.output()).toMatch(/^shop ended with code 1: DEMO_SEED must be .*\. Everything else is ended\.\n$/);
    expect(await Promise.all(Object.values(demo.ports).map(isPortFree))).toEqual([true, true, true, true]);
  });

  it('refuses a port that is none', async () => {
    const demo = await startDemo({ MOBILE_PORT: 'http' });
    expect(await waitForEnd(demo)).toBe(1);
    expect(demo.output()).toBe('MOBILE_PORT must be a port, a whole number from 1 to 65535.\n');
  });
});

it('makes the pictures of a shop that was moved to other ports, and the originals can be loaded by a browser', async () => {
  const demo = await startDemo();
  await expect.poll(demo.output, { timeout: readyWithinMs }).toContain('Ctrl-C ends everything.');
  const ask = async (port: number, field: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ product(id: "product-1") { image ${field} { url } } }` }),
    });
    const { data } = (await response.json()) as { data: { product: { image: { url: string } } } };
    return data.product.image.url;
  };
  // fetch refuses the ports that browsers refuse.
  for (const url of [await ask(demo.ports.mobile, '(size: THUMB)'), await ask(demo.ports.web, '')]) {
    const picture = await fetch(url);
    await picture.body?.cancel();
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^image\//)]);
  }
});

it('has no usual port that browsers refuse', async () => {
  const usual = ['shop', 'mobile', 'web', 'images'] as const;
  const media = 80;
  const ports = usual.map((name) => portSettings[name].port);
  const asked = [...ports, portSettings.shop.port + media].map((port) =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => 'there',
      (error: unknown) => String((error as Error).cause),
    ),
  );
  expect((await Promise.all(asked)).filter((answer) => answer.includes('bad port'))).toEqual([]);
});

describe('npm run start:web', () => {
  it('says in one line which service nobody answers for, and ends with code 1', async () => {
    const port = await findFreePort();
    const nobody = `http://127.0.0.1:${port}`;
    const names = ['USERS', 'CATALOG', 'RECOMMENDATIONS', 'ORDERS', 'ANALYTICS', 'NOTIFICATIONS'];
    const child = spawn(process.execPath, ['bffs/web/main.ts'], {
      cwd: repositoryRoot,
      env: {
        ...process.env,
        ...Object.fromEntries(names.map((name) => [`${name}_URLS`, nobody])),
        JWKS_URL: nobody,
        SERVICE_TOKEN: 'x'.repeat(40),
        NODE_ENV: 'development',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');

    expect(child.exitCode).toBe(1);
    expect(output).toMatch(
      /^The server could not start: nobody answers at USERS_URLS \([\d.:]+\), .*set where it is\.\n$/,
    );
  });
});
