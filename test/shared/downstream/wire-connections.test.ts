import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AttemptEvent } from '../../../shared/downstream/events.ts';
import { authority, elsewhere, expired, good } from '../../support/certificates.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createScope, failureOf, idempotentWrite, outcome, read, timed } from './support/calls.ts';
import {
  findRefusingUrl,
  listen,
  openShop,
  startBlackHole,
  startInstance,
  startRawInstance,
  stop,
} from './support/wire-service.ts';

const json = { 'content-type': 'application/json' };
const wholeAnswer = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"ok":42}';

function startWell() {
  return startInstance((_request, response) => response.writeHead(200, json).end('{"ok":42}'));
}

describe('connections', () => {
  test('F07: one of three that refuses costs no client anything, and is ejected after five', async () => {
    const wells = [await startWell(), await startWell()];
    const ejected: string[] = [];
    const attempts: AttemptEvent[] = [];
    const refusing = await findRefusingUrl();
    const shop = openShop([refusing, ...wells.map((well) => well.url)], {
      policy: { balancing: 'round-robin', backoffBaseMs: 1 },
      events: { onEjection: ({ instance }) => ejected.push(instance), onAttempt: (event) => attempts.push(event) },
    });
    for (let i = 0; i < 60; i++) expect(await outcome(shop.call(read, {}, createScope()))).toBe(200);
    expect(ejected).toEqual([new URL(refusing).host]);
    const failed = attempts.filter((attempt) => attempt.outcome === 'network');
    const because = `connect ECONNREFUSED ${new URL(refusing).host}`;
    expect(failed.map((attempt) => attempt.because)).toEqual(Array(5).fill(because));
  });

  test('F08: when all refuse, the first callers hear of it within 400 ms and the others at once', async () => {
    const attempts: AttemptEvent[] = [];
    const urls = [await findRefusingUrl(), await findRefusingUrl(), await findRefusingUrl()];
    const shop = openShop(urls, { events: { onAttempt: (event) => attempts.push(event) } });
    for (let i = 0; i < 5; i++) {
      const { result, ms } = await timed(outcome(shop.call(read, {}, createScope())));
      expect([result, ms < 1200]).toEqual(['DOWNSTREAM_UNAVAILABLE', true]);
    }
    expect(attempts).toHaveLength(15);
    expect(await outcome(shop.call(read, {}, createScope()))).toBe('CIRCUIT_OPEN');
    expect(attempts).toHaveLength(15);
  });

  test('F09: a connection that is never made is given up after the connect timeout, to the millisecond', async () => {
    const { url } = await startBlackHole();
    const clock = createFakeClock();
    const shop = openShop([url], { policy: { attempts: 1 }, clock });
    const seen: (number | string)[] = [];
    void outcome(shop.call(read, {}, createScope({ clock }))).then((one) => seen.push(one));
    await clock.advance(999);
    expect(seen).toEqual([]);
    await clock.advance(1);
    expect(seen).toEqual(['DOWNSTREAM_TIMEOUT']);
  });

  test('a connection that is made after it was given up is closed again', async () => {
    const instance = await startRawInstance((socket) => socket.write(wholeAnswer));
    const clock = createFakeClock();
    const shop = openShop([instance.url], { policy: { attempts: 1 }, clock });
    const ended = outcome(shop.call(read, {}, createScope({ clock })));
    clock.advanceSync(1000);
    expect(await ended).toBe('DOWNSTREAM_TIMEOUT');
    await expect.poll(() => [instance.connections, instance.sockets.size]).toEqual([1, 0]);
    expect(instance.count).toBe(0);
  });

  test('F09: one of three that is never made costs no client its answer', async () => {
    const urls = [(await startBlackHole()).url, (await startWell()).url, (await startWell()).url];
    const shop = openShop(urls, { policy: { balancing: 'round-robin', connectTimeoutMs: 200 } });
    for (let i = 0; i < 9; i++) expect(await outcome(shop.call(read, {}, createScope()))).toBe(200);
  });

  test('F16: a name that does not exist is UNAVAILABLE', async () => {
    const shop = openShop(['http://nowhere.invalid:4001'], { policy: { attempts: 1 } });
    const error = await failureOf(shop.call(read, {}, createScope()));
    expect([error.code, error.message.includes('nowhere')]).toEqual(['DOWNSTREAM_UNAVAILABLE', false]);
  });

  test('F19: sockets that the peer closes while they are idle are no client’s business', async () => {
    const instance = await startRawInstance((socket, count) => {
      socket.write(wholeAnswer);
      // It said nothing of closing: the client cannot know, and some next request meets the FIN half way.
      if (count % 20 === 0) setTimeout(() => socket.end(), Math.random() * 4);
    });
    const shop = openShop([instance.url], { policy: { backoffBaseMs: 1 } });
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const seen: (number | string)[] = [];
        for (let i = 0; i < 150; i++) seen.push(await outcome(shop.call(read, {}, createScope())));
        return seen;
      }),
    );
    expect(new Set(outcomes.flat())).toEqual(new Set([200]));
  });
});

describe('TLS', () => {
  async function startTls(certificate: typeof good): Promise<string> {
    const server = createTlsServer(certificate, (_request, response) => response.writeHead(200, json).end('{}'));
    await listen(server, 0);
    onTestFinished(() => stop(server));
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  }

  function trustAuthority(): void {
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, authority]);
    onTestFinished(() => setDefaultCACertificates(before));
  }

  test('F18: a certificate that has expired or is for another name is not spoken to', async () => {
    trustAuthority();
    for (const [certificate, expected] of [
      [good, 200],
      [expired, 'DOWNSTREAM_UNAVAILABLE'],
      [elsewhere, 'DOWNSTREAM_UNAVAILABLE'],
    ] as const) {
      const shop = openShop([await startTls(certificate)], { policy: { attempts: 1 } });
      expect(await outcome(shop.call(read, {}, createScope()))).toBe(expected);
    }
  });

  test('F18: an authority that is not known, or no TLS at all, is not spoken to', async () => {
    const shop = openShop([await startTls(good)], { policy: { attempts: 1 } });
    expect(await outcome(shop.call(read, {}, createScope()))).toBe('DOWNSTREAM_UNAVAILABLE');
    const plain = await startWell();
    const speaking = openShop([plain.url.replace('http:', 'https:')], { policy: { attempts: 1 } });
    expect(await outcome(speaking.call(read, {}, createScope()))).toBe('DOWNSTREAM_UNAVAILABLE');
  });
});

test('F50: a rolling restart of three instances costs no reader and no writer with a key anything', async () => {
  const instances = [await startWell(), await startWell(), await startWell()];
  const shop = openShop(instances.map((instance) => instance.url));
  const outcomes: (number | string)[] = [];
  const restarting = new AbortController();
  const clients = Array.from({ length: 6 }, async (_, client) => {
    while (!restarting.signal.aborted) {
      const endpoint = client % 3 === 0 ? idempotentWrite : read;
      outcomes.push(await outcome(shop.call(endpoint, { body: client % 3 === 0 ? {} : undefined }, createScope())));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  const seen = (more: number): Promise<void> => {
    const enough = outcomes.length + more;
    return expect.poll(() => outcomes.length, { interval: 5, timeout: 10_000 }).toBeGreaterThanOrEqual(enough);
  };
  for (const { port, server } of instances) {
    // What the calls earn for the retry budget: no deployment replaces an instance every 36 calls.
    await seen(90);
    await stop(server);
    await seen(24);
    await startInstance((_request, response) => response.writeHead(200, json).end('{}'), port);
  }
  restarting.abort();
  await Promise.all(clients);
  expect(new Set(outcomes)).toEqual(new Set([200]));
});
