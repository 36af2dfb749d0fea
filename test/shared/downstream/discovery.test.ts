import { describe, expect, onTestFinished, test } from 'vitest';
import { type InstanceSource, type IpAddress, startDiscovery } from '../../../shared/downstream/discovery.ts';
import { createDownstream } from '../../../shared/downstream/downstream-client.ts';
import type { ServicePolicy } from '../../../shared/downstream/policy.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createScope, outcome, read, timed } from './support/calls.ts';
import { startInstance } from './support/wire-service.ts';

const json = { 'content-type': 'application/json' };

function start(source: InstanceSource) {
  const clock = createFakeClock();
  const lists: string[][] = [];
  const failures: unknown[] = [];
  const told: string[] = [];
  const discovery = startDiscovery('shop', source, {
    clock,
    intervalMs: 10_000,
    onInstances: (addresses) => lists.push(addresses.map((address) => address.id)),
    onFailure(error, hasList) {
      failures.push(error);
      told.push(hasList ? 'failed, with a list' : 'failed');
    },
    onRecovery: () => told.push('works again'),
  });
  return { clock, lists, failures, told, discovery };
}

describe('a list of URLs', () => {
  test('is what it says', () => {
    expect(start({ kind: 'urls', urls: ['http://a:1', 'https://b/'] }).lists).toEqual([['a:1', 'b']]);
  });

  test.each(['a:1', 'ftp://a', ''])('refuses %j', (url) => {
    expect(() => start({ kind: 'urls', urls: [url] })).toThrow(/origin like http/);
  });
});

describe('a DNS name', () => {
  const four = (address: string): IpAddress => ({ address, family: 4 });

  test('is looked up again as it ages', async () => {
    let addresses = [four('10.0.0.1')];
    const { clock, lists, discovery } = start({ kind: 'dns', url: 'http://shop:4001', lookup: async () => addresses });
    await discovery.first;
    addresses = [four('10.0.0.1'), { address: 'fd00::1', family: 6 }];
    await clock.advance(10_000);
    expect(lists).toEqual([['10.0.0.1:4001'], ['10.0.0.1:4001', '[fd00::1]:4001']]);
  });

  test('F48: that cannot be had, or has no address, leaves the last good list', async () => {
    let answer: () => Promise<IpAddress[]> = async () => [four('10.0.0.1')];
    const { clock, lists, failures } = start({ kind: 'dns', url: 'https://shop', lookup: () => answer() });
    await clock.advance(0);
    answer = async () => [];
    await clock.advance(10_000);
    answer = () => Promise.reject(new Error('SERVFAIL'));
    await clock.advance(10_000);
    expect([lists, failures.length]).toEqual([[['10.0.0.1:443']], 2]);
    answer = async () => [four('10.0.0.2')];
    await clock.advance(10_000);
    expect(lists.at(-1)).toEqual(['10.0.0.2:443']);
  });

  test('that cannot be had at a start is looked up again soon, less often each time, until there is a list', async () => {
    const askedAtMs: number[] = [];
    let nowMs = (): number => 0;
    let answer = (): Promise<IpAddress[]> => Promise.reject(new Error('ENOTFOUND'));
    const { clock, lists } = start({
      kind: 'dns',
      url: 'http://shop:4001',
      lookup: () => {
        askedAtMs.push(nowMs());
        return answer();
      },
    });
    nowMs = clock.nowMs;
    await clock.advance(60_000);
    expect(askedAtMs).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 12_700, 22_700, 32_700, 42_700, 52_700]);
    answer = async () => [];
    await clock.advance(10_000);
    answer = async () => [four('10.0.0.1')];
    await clock.advance(10_000);
    expect(lists).toEqual([['10.0.0.1:4001']]);
  });

  test('says whether a list goes on, and when it can be had again', async () => {
    let answer = async (): Promise<IpAddress[]> => [];
    const { clock, told } = start({ kind: 'dns', url: 'http://shop', lookup: () => answer() });
    await clock.advance(0);
    answer = async () => [four('10.0.0.1')];
    await clock.advance(20_000);
    answer = () => Promise.reject(new Error('SERVFAIL'));
    await clock.advance(10_000);
    answer = async () => [four('10.0.0.1')];
    await clock.advance(20_000);
    expect(told).toEqual(['failed', 'works again', 'failed, with a list', 'works again']);
  });

  test('whose lookup hangs is not asked for again meanwhile', async () => {
    let asked = 0;
    const hang = (): Promise<IpAddress[]> => {
      asked++;
      return new Promise(() => {});
    };
    const { clock } = start({ kind: 'dns', url: 'http://shop', lookup: hang });
    await clock.advance(100_000);
    expect(asked).toBe(1);
  });

  test('is not looked up any more once it is closed', async () => {
    const { clock, lists, discovery } = start({
      kind: 'dns',
      url: 'http://shop',
      lookup: async () => [four('10.0.0.1')],
    });
    discovery.close();
    await clock.advance(100_000);
    expect([lists, clock.pendingTimers]).toEqual([[], 0]);
  });
});

describe('a registry', () => {
  test('that answers with nonsense in one place keeps the rest', async () => {
    const registry = { list: async () => ['http://a:1', 'file:///etc/passwd', 'nonsense'] };
    const { lists, discovery } = start({ kind: 'registry', registry });
    await discovery.first;
    expect(lists).toEqual([['a:1']]);
  });
});

describe('calls', () => {
  function open(source: InstanceSource, policy: Partial<ServicePolicy> = {}) {
    const downstream = createDownstream({
      services: { shop: { instances: source, policy: { healthCheckIntervalMs: 0, ...policy } } },
    });
    onTestFinished(() => downstream.close());
    return downstream;
  }

  test('go to the addresses of the name, under the name', async () => {
    const hosts: (string | undefined)[] = [];
    const { port } = await startInstance((request, response) => {
      hosts.push(request.headers.host);
      response.writeHead(200, json).end('{}');
    });
    const lookup = async (): Promise<IpAddress[]> => [{ address: '127.0.0.1', family: 4 }];
    const shop = open({ kind: 'dns', url: `http://shop.internal:${port}`, lookup });
    expect(await outcome(shop.call(read, {}, createScope()))).toBe(200);
    expect(hosts).toEqual([`shop.internal:${port}`]);
  });

  test('wait for the first list, as long as for a connection', async () => {
    const { url } = await startInstance((_request, response) => response.writeHead(200, json).end('{}'));
    let answer: (urls: string[]) => void = () => {};
    const registry = { list: () => new Promise<string[]>((resolve) => (answer = resolve)) };
    const ended = outcome(open({ kind: 'registry', registry }).call(read, {}, createScope()));
    answer([url]);
    expect(await ended).toBe(200);
  });

  test('F16: end within the connect timeout when no list comes, and open no breaker', async () => {
    const shop = open({ kind: 'registry', registry: { list: () => new Promise(() => {}) } }, { connectTimeoutMs: 100 });
    const startedAt = performance.now();
    for (let i = 0; i < 6; i++)
      expect(await outcome(shop.call(read, {}, createScope()))).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(shop.snapshot()[0]?.breaker.state).toBe('closed');
  });

  test('wait for a first list once, all together: where none came, the next fail at once', async () => {
    const clock = createFakeClock();
    const downstream = createDownstream({
      clock,
      services: { shop: { instances: { kind: 'registry', registry: { list: () => new Promise(() => {}) } } } },
    });
    const endedAtMs: number[] = [];
    for (let i = 0; i < 4; i++) {
      void outcome(downstream.call(read, {}, createScope({ clock }))).then(() => endedAtMs.push(clock.nowMs()));
      await clock.advance(400);
    }
    expect(endedAtMs).toEqual([1000, 1000, 1000, 1200]);
  });

  test('wait for no list once their client has gone', async () => {
    const shop = open({ kind: 'registry', registry: { list: () => new Promise(() => {}) } });
    const { result, ms } = await timed(outcome(shop.call(read, {}, createScope({ client: AbortSignal.abort() }))));
    expect([result, ms < 500]).toEqual(['DEADLINE_EXCEEDED', true]);
  });

  test('follow the list: an instance that leaves is asked no more, what it is doing it may end', async () => {
    const answers: (() => void)[] = [];
    const slow = await startInstance((_request, response) => {
      answers.push(() => response.writeHead(200, json).end('{"from":"slow"}'));
    });
    const next = await startInstance((_request, response) => response.writeHead(200, json).end('{"from":"next"}'));
    let list = [slow.url];
    const shop = open({ kind: 'registry', registry: { list: async () => list } }, { discoveryIntervalMs: 10 });
    const first = shop.call(read, {}, createScope());
    await expect.poll(() => answers.length).toBe(1);
    list = [next.url];
    await expect
      .poll(() => shop.snapshot()[0]?.instances.map((instance) => instance.id))
      .toEqual([new URL(next.url).host]);
    expect((await shop.call(read, {}, createScope())).body).toEqual({ from: 'next' });
    answers[0]?.();
    expect((await first).body).toEqual({ from: 'slow' });
  });

  test('F48: go on when the registry is gone', async () => {
    const { url } = await startInstance((_request, response) => response.writeHead(200, json).end('{}'));
    let refusals = -1;
    const list = async (): Promise<string[]> => {
      if (refusals < 0) return [url];
      refusals++;
      throw new Error('ECONNREFUSED');
    };
    const shop = open({ kind: 'registry', registry: { list } }, { discoveryIntervalMs: 5 });
    await shop.call(read, {}, createScope());
    refusals = 0;
    for (let times = 1; times <= 3; times++) {
      await expect.poll(() => refusals).toBeGreaterThanOrEqual(times);
      expect(await outcome(shop.call(read, {}, createScope()))).toBe(200);
    }
  });
});
