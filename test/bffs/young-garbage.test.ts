import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect, oldBytes } from '../support/old-space.ts';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  stack = await startStack();
});

afterAll(async () => {
  agent.destroy();
  await stack.close();
});

test('what a request leaves behind is young garbage: none of it waits for a full collection', async () => {
  for (const url of [stack.mobileUrl, stack.webUrl]) {
    await ask(url, 1000);
    const kept: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const before = oldBytes();
      await ask(url, 300);
      kept.push((oldBytes() - before) / 300);
    }
    // The middle one: a full collection in one of the turns would be a saving. About 450 bytes are Node's own; the smallest getter in a
    // literal keeps 200 more, Apollo's 5000.
    expect(kept.toSorted((a, b) => a - b)[2]).toBeLessThan(620);
  }
});

/** One request after another, with a young collection after every twenty: what outlives two of them is old. */
async function ask(url: string, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    expect(await statusOf(`${url}/graphql`)).toBe(200);
    if (index % 20 === 0) collect({ type: 'minor' });
  }
}

// Not by `fetch`, which itself leaves more than is looked for.
function statusOf(url: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const sent = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode));
  });
  sent.on('error', reject).end('{"query":"{ __typename }"}');
  return promise;
}
