import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../scripts/command.ts';
import { readSource, repositoryRoot } from '../support/source-files.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';
import { readBlocks } from './blocks.ts';

const page = readSource('README.md');
const blocks = readBlocks(page);
const queries = blocks.flatMap(({ language, attributes, text }, index) => {
  const { client, viewer } = attributes;
  return language === 'graphql' && client !== undefined
    ? [{ client, viewer, text, answer: blocks[index + 1]?.text }]
    : [];
});

let stack: Stack;
let token: string;

beforeAll(async () => {
  stack = await startStack({ env: { NODE_ENV: 'development', BREAKER_OPEN_MS: '1500', CACHE_MAX_FRESH_MS: '100' } });
  token = await stack.shop.token('user-1');
});

afterEach(() => stack.mend());
afterAll(() => stack.close());

describe('README.md', () => {
  it('has a query for each client', () => {
    expect(queries.map(({ client }) => client)).toEqual(['mobile', 'web']);
  });

  it.each(queries)('shows what the $client server answers', async ({ client, text, answer }) => {
    const ask = client === 'mobile' ? stack.askMobile : stack.askWeb;
    const { body } = await ask(text, { token });
    expect(body).toEqual({ data: JSON.parse(answer ?? ''), extensions: { report: expect.anything() as unknown } });
  });

  it('has Apollo Client keep what came, and tell what did not', async () => {
    const snippet = blocks.find(({ language }) => language === 'ts')?.text ?? '';
    const root = createTemporaryFolder({
      'package.json': '{"type":"module"}',
      'program.ts': snippet.replace('http://localhost:4001', stack.mobileUrl),
    });
    symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'), 'junction');
    await stack.fault('orders', { status: 503 });
    // Another viewer: nothing is kept of this one's orders.
    const env = { TOKEN: await stack.shop.token('user-2') };
    const { output } = await runCommand([process.execPath, 'program.ts'], { cwd: root, env, timeoutMs: 15_000 });
    expect(output).toMatch(
      /^came: \{"home":\{"__typename":"Home","recommendations":\[\{.*"name":".+"\}\],"activeOrders":null\}\}$/m,
    );
    expect(output).toMatch(/^did not: home.activeOrders DOWNSTREAM_UNAVAILABLE$/m);
  });

  it('breaks a service and mends it, as the commands that it has one paste', async () => {
    const commands =
      blocks.findLast(({ language, text }) => language === 'sh' && text.includes('fault PUT'))?.text ?? '';
    const script = commands
      .replace(/^TOKEN=.*$/m, '')
      .replaceAll('localhost:4001', stack.mobileUrl)
      .replaceAll('localhost:4100', stack.shop.controlUrl)
      .replaceAll('sleep 5', 'sleep 0.5')
      .replaceAll('sleep 1', 'sleep 0.3');
    const { output } = await runCommand(['bash', '-c', script], { env: { TOKEN: token }, timeoutMs: 15_000 });
    const lines = output.trim().split('\n');
    const states = lines.map(
      (line) => /"reason":"(\w+)"|"state":"([\w-]+)"/.exec(line)?.slice(1).find(Boolean) ?? 'well',
    );

    expect(states[0]).toBe('well');
    expect(states[1]).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(states.slice(2)).toContain('CIRCUIT_OPEN');
    expect(states[7]).toBe('open');
    expect(states.at(-2)).toBe('well');
    expect(states.at(-1)).toBe('closed');
    const recommendations = lines.flatMap((line) => /"recommendations":\[\{"name":"[^"]+"\}\]/.exec(line)?.[0] ?? []);
    expect(recommendations).toEqual(Array.from({ length: 19 }, () => recommendations[0]));
  });
});
