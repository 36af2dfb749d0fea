import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDemoSettings } from '../../demo/settings.ts';
import { openShop } from './open-shop.ts';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(file: string, args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [`demo/${file}`, ...args], { env: { ...process.env, ...env } });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
  return { child, output, ended };
}

/** The program takes a base, not port 0: one far from the usual ports and below the ephemeral ones, by process. */
const portBase = 12_000 + (process.pid % 90) * 200;

describe('the demo shop as a program', () => {
  let occupant: Server;
  beforeAll(async () => {
    occupant = createServer().listen(portBase + 120, '127.0.0.1');
    await new Promise((resolve) => occupant.once('listening', resolve));
  });
  afterAll(() => {
    occupant.close();
  });

  it('opens, says where, and closes within a second though requests hang', async () => {
    const program = start('main.ts', ['--json'], {
      DEMO_PORT_BASE: String(portBase),
      DEMO_INSTANCES: '1',
      DEMO_SEED: '2',
    });
    await expect.poll(() => program.output.stdout, { timeout: 10_000 }).toContain('\n');
    const { controlUrl, services } = JSON.parse(program.output.stdout) as {
      controlUrl: string;
      services: Record<string, string[]>;
    };
    expect(controlUrl).toBe(`http://127.0.0.1:${portBase}`);
    expect(services['users']).toEqual([`http://127.0.0.1:${portBase + 10}`]);
    expect(services['notifications']).toEqual([`http://127.0.0.1:${portBase + 60}`]);
    const headers = { 'content-type': 'application/json' };
    await fetch(`${controlUrl}/faults/catalog`, { method: 'PUT', headers, body: '{"hang":true}' });
    const hanging = fetch(`${services['catalog']?.[0]}/categories`).catch(() => 'cut');
    await expect.poll(async () => (await fetch(`${controlUrl}/calls`)).text()).toContain('"GET /categories":1');
    const stoppedAt = performance.now();
    program.child.kill('SIGTERM');
    const { code, stderr } = await program.ended;
    expect([code, stderr, await hanging]).toEqual([0, '', 'cut']);
    expect(performance.now() - stoppedAt).toBeLessThan(1_000);
  });

  it('says in one line which port is in use and what to do', async () => {
    const { code, stdout, stderr } = await start('main.ts', [], { DEMO_PORT_BASE: String(portBase + 100) }).ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `Port ${portBase + 120} (catalog-1) is in use: end the program that listens there, or set DEMO_PORT_BASE to another number.\n`,
    );
  });

  it('names every setting that is wrong in one line', async () => {
    const wrong = { DEMO_SEED: 'x', DEMO_INSTANCES: '0', DEMO_NOW: 'soon', DEMO_PORT_BASE: '80' };
    const { code, stderr } = await start('main.ts', [], wrong).ended;
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    for (const name of Object.keys(wrong)) expect(stderr).toContain(name);
    expect(stderr).not.toContain('soon');
  });
});

describe('the settings of the demo shop', () => {
  it('have defaults', () => {
    expect(readDemoSettings({})).toMatchObject({ seed: 1, now: undefined, instances: 2, portBase: 4_100 });
  });

  it('take a day or a moment', () => {
    expect(readDemoSettings({ DEMO_NOW: '2026-11-22' }).now).toEqual(new Date('2026-11-22T00:00:00Z'));
    expect(readDemoSettings({ DEMO_NOW: '2026-11-22T08:30:00Z' }).now).toEqual(new Date('2026-11-22T08:30:00Z'));
    expect(() => readDemoSettings({ DEMO_NOW: '2026-02-31T99:00:00Z' })).toThrow('DEMO_NOW');
  });
});

describe('the token command', () => {
  it('prints a token and nothing else', async () => {
    const { code, stdout, stderr } = await start('token.ts', ['user-3']).ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(decodeJwt(stdout)).toMatchObject({ sub: 'user-3', scope: 'shop:read shop:write', aud: 'shop' });
    const shop = await openShop({ instances: 1 });
    try {
      expect((await shop.ask('users', '/users/user-3', { token: stdout.trim() })).status).toBe(200);
    } finally {
      await shop.close();
    }
  });

  it.each([[[]], [['user-0']], [['user-201']], [['admin']]])(
    'says in one line which users there are when given %j',
    async (args) => {
      const { code, stdout, stderr } = await start('token.ts', args).ended;
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toContain('user-1 to user-200');
    },
  );
});

describe('closing a shop', () => {
  it('takes less than a second while requests hang, wait and are being painted', async () => {
    const shop = await openShop({ cacheDir: '/dev/null/none' });
    shop.faults.put('users', { hang: true });
    shop.faults.put('catalog', { delayMs: 60_000 });
    const open = [
      fetch(`${shop.services.users[0]}/users/user-1`),
      fetch(`${shop.services.catalog[0]}/categories`),
      fetch(`${shop.mediaUrl}/photos/lighting-1.jpg`),
    ].map((request) => request.catch(() => 'cut'));
    await expect.poll(() => shop.calls.report().total).toBe(3);
    const startedAt = performance.now();
    await shop.close();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await Promise.all(open)).toEqual(['cut', 'cut', 'cut']);
  });
});
