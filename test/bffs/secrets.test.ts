import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { openCollector } from '../support/otlp-collector.ts';
import { startRedisServer } from '../support/redis-server.ts';
import { startStack } from '../support/stack.ts';

/** Every key of a Redis with its value, as text. */
async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  const texts: string[] = [];
  for (const key of await redis.keys('*')) {
    texts.push(key);
    if ((await redis.type(key)) === 'string') texts.push((await redis.getBuffer(key))?.toString('latin1') ?? '');
  }
  redis.disconnect();
  return texts.join('\n');
}

test('a canary sent as a secret is in no log, metric, trace, answer or Redis of a running server', async () => {
  const canary = 'canary-5e21c0de77';
  const collector = await openCollector();
  onTestFinished(collector.close);
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  const logLines: string[] = [];
  const env = { OTLP_URL: collector.url, TRACE_SAMPLE_PERCENT: '100', REDIS_URL: redis.url };
  const stack = await startStack({ env, logLines });
  const token = await stack.shop.token('user-1');
  const signature = token.split('.')[2] ?? '';
  const home = '{ home { viewer { name } recommendations(first: 2) { name } activeOrders { id } } }';

  const answers: string[] = [];
  const ask = async (query: string, options: Parameters<typeof stack.askMobile>[1]) => {
    const { body, headers } = await stack.askMobile(query, options);
    answers.push(JSON.stringify(body), JSON.stringify([...headers]));
  };
  await ask(home, { token });
  await ask(home, { token: `${token.slice(0, -6)}${canary.slice(-6)}` });
  for (const authorization of [
    `Bearer ${canary}`,
    `Basic ${Buffer.from(`user:${canary}`).toString('base64')}`,
    `Bearer eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ sub: canary })).toString('base64url')}.${canary}`,
    canary,
  ]) {
    await ask(home, { headers: { authorization } });
  }
  for (const name of [
    'cookie',
    'x-api-key',
    'proxy-authorization',
    'x-user-id',
    'x-viewer-id',
    'referer',
    'user-agent',
  ]) {
    await ask(home, { token, headers: { [name]: canary } });
  }
  await ask('query ($password: String) { __typename }', { variables: { password: canary } });
  await ask('mutation ($key: ID!) { cancelOrder(id: "order-1", idempotencyKey: $key) { failure { __typename } } }', {
    token,
    variables: { key: canary, card: canary },
  });
  answers.push(await (await fetch(`${stack.mobileUrl}/graphql?access_token=${canary}`)).text());
  answers.push(await (await fetch(`${stack.mobileUrl}/${canary}`)).text());
  const metrics = await (await fetch(`${stack.mobileAdminUrl}/metrics`)).text();
  await stack.close();

  const sinks = {
    logs: logLines.join(''),
    metrics,
    spans: JSON.stringify(collector.spans),
    answers: answers.join('\n'),
  };
  for (const [sink, text] of Object.entries({ ...sinks, redis: await dumpRedis(redis.url) })) {
    expect(text.length, sink).toBeGreaterThan(100);
    expect(text, sink).not.toContain(canary);
    expect(text, sink).not.toContain(signature);
    expect(text, sink).not.toContain(Buffer.from(canary).toString('base64').replace(/=+$/, ''));
  }
});
