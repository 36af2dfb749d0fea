import { describe, expect, test } from 'vitest';
import { outcome, read } from './support/calls.ts';
import type { Reaction, ReceivedRequest } from './support/scripted-service.ts';
import { createRandom, ok, setUpShop } from './support/shop.ts';

const isCheck = (request: ReceivedRequest): boolean => request.path === '/health';

function setUp(random: () => number = () => 0.5) {
  const changes: string[] = [];
  const reasons: string[] = [];
  const set = setUpShop({
    instances: ['a', 'b', 'c'],
    random,
    policy: { healthCheckIntervalMs: 10_000 },
    events: {
      onHealth({ instance, isHealthy, because }) {
        changes.push(`${instance} ${isHealthy ? 'up' : 'down'}`);
        reasons.push(because);
      },
    },
  });
  const health: Record<string, Reaction> = {};
  set.shop.react = (request) => (isCheck(request) ? (health[request.instance] ?? ok) : ok);
  return { ...set, changes, reasons, health };
}

describe('active health checks', () => {
  test('ask each instance every ten seconds, from a moment of its own on', async () => {
    const { shop, clock } = setUp();
    await clock.advance(60_000);
    expect(shop.received.filter((request) => request.instance === 'a').map((request) => request.atMs)).toEqual([
      5000, 15_000, 25_000, 35_000, 45_000, 55_000,
    ]);
    expect(shop.received).toHaveLength(18);
  });

  test('two that failed take an instance out, two that passed bring it back', async () => {
    const { clock, changes, reasons, health, shop } = setUp();
    health.b = { status: 503 };
    await clock.advance(5000);
    expect(changes).toEqual([]);
    await clock.advance(10_000);
    expect(changes).toEqual(['b down']);
    expect(shop.downstream.snapshot()[0]?.instances.map((instance) => instance.state)).toEqual([
      'up',
      'unhealthy',
      'up',
    ]);
    delete health.b;
    await clock.advance(20_000);
    expect(changes).toEqual(['b down', 'b up']);
    expect(reasons).toEqual(['status 503', 'status 200']);
  });

  test('a check that hangs has failed after two seconds', async () => {
    const { clock, changes, health, shop } = setUp();
    health.b = 'hang';
    await clock.advance(5000 + 2000 + 10_000 + 1999);
    expect(changes).toEqual([]);
    await clock.advance(1);
    expect(changes).toEqual(['b down']);
    expect(shop.received.filter(isCheck).some((request) => request.isAborted)).toBe(true);
  });

  test('a stall of our own takes nobody out', async () => {
    const { clock, changes, health } = setUp();
    for (const name of ['a', 'b', 'c']) health[name] = { ...ok, afterMs: 50 };
    for (let i = 0; i < 4; i++) {
      await clock.advance(5010);
      clock.stall(3000);
      await clock.advance(4990);
    }
    expect(changes).toEqual([]);
  });

  test('any 2xx is well, whatever its body', async () => {
    const { clock, changes, health } = setUp();
    health.b = { status: 204, headers: { 'content-type': 'text/plain' } };
    await clock.advance(60_000);
    expect(changes).toEqual([]);
  });

  test('F46: checks that flap while business is fine cost nobody anything', async () => {
    const { clock, health, call } = setUp();
    for (let i = 0; i < 100; i++) {
      for (const name of ['a', 'b', 'c']) health[name] = Math.floor(i / 4) % 2 === 0 ? { status: 500 } : ok;
      const ended = outcome(call());
      await clock.advance(5000);
      expect(await ended).toBe(200);
    }
  });

  test('F47: with two of three unhealthy all are used', async () => {
    const { clock, health, run, shop } = setUp(createRandom(1));
    health.b = { status: 500 };
    health.c = { status: 500 };
    await clock.advance(20_000);
    shop.received.length = 0;
    for (let i = 0; i < 60; i++) await run(read);
    expect(new Set(shop.received.filter((request) => !isCheck(request)).map((request) => request.instance)).size).toBe(
      3,
    );
  });

  test('F45: an instance whose check is fine and whose business fails is ejected all the same', async () => {
    const { shop, run } = setUp(createRandom(1));
    shop.react = (request) => (isCheck(request) || request.instance !== 'b' ? ok : { status: 500 });
    for (let i = 0; i < 60; i++) expect(await run()).toBe(200);
    expect(shop.downstream.snapshot()[0]?.instances[1]?.state).toBe('ejected');
  });

  test('end with the client', async () => {
    const { shop, clock } = setUp();
    shop.react = () => 'hang';
    await clock.advance(5000);
    await shop.downstream.close();
    expect(shop.received.map((request) => request.isAborted)).toEqual([true, true, true]);
    const before = shop.received.length;
    await clock.advance(100_000);
    expect([shop.received.length, clock.pendingTimers]).toEqual([before, 0]);
  });
});
