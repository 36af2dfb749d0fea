import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { AttemptEvent } from '../../../shared/downstream/events.ts';
import { createScope, failureOf, outcome, read, timed, write } from './support/calls.ts';
import { openShop, startBlackHole, startInstance, startRawInstance } from './support/wire-service.ts';

const json = { 'content-type': 'application/json' };
const wholeAnswer = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"ok":42}';

function startWell() {
  return startInstance((_request, response) => response.writeHead(200, json).end('{"ok":42}'));
}

describe('answers that break off', () => {
  test('F11: a reset before the headers is mended by another attempt', async () => {
    const instance = await startRawInstance((socket, count) => {
      if (count === 1) socket.resetAndDestroy();
      else socket.write(wholeAnswer);
    });
    const shop = openShop([instance.url]);
    expect((await shop.call(read, {}, createScope())).body).toEqual({ ok: 42 });
    expect(instance.count).toBe(2);
  });

  const half = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"ok"';
  const halfChunked =
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"ok"\r\n';
  // A number is whole JSON however early it ends.
  const halfNumber = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n1234';

  test.each([
    ['F12: a reset in the body', half, 'reset'],
    ['F13: a body shorter than its length', half, 'end'],
    ['F13: a number shorter than its length', halfNumber, 'end'],
    ['F12: a reset between two chunks', halfChunked, 'reset'],
    ['F13: an end between two chunks', halfChunked, 'end'],
    [
      'F12, F50: an end between two chunks of an instance that closes',
      halfChunked.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'),
      'end',
    ],
  ])('%s is never read, and is mended by another attempt', async (_name, bytes, how) => {
    const instance = await startRawInstance((socket, count) => {
      if (count > 1) {
        socket.write(wholeAnswer);
        return;
      }
      socket.write(bytes, () => setTimeout(() => (how === 'reset' ? socket.resetAndDestroy() : socket.end()), 20));
    });
    const shop = openShop([instance.url]);
    expect((await shop.call(read, {}, createScope())).body).toEqual({ ok: 42 });
    expect(instance.count).toBe(2);
  });

  test('F12: a write whose answer breaks off is repeated only under a key', async () => {
    const instance = await startRawInstance((socket) => socket.write(half, () => socket.resetAndDestroy()));
    const shop = openShop([instance.url]);
    expect(await outcome(shop.call(write, { body: {} }, createScope()))).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(instance.count).toBe(1);
    await outcome(shop.call(write, { body: {}, idempotencyKey: 'key-1' }, createScope()));
    expect(instance.count).toBe(4);
  });

  test('an answer without a length that ends early is not JSON', async () => {
    const instance = await startRawInstance((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{"ok"'),
    );
    expect(await outcome(openShop([instance.url]).call(read, {}, createScope()))).toBe('DOWNSTREAM_BAD_RESPONSE');
  });
});

describe('answers that do not come', () => {
  const impatient = { attempts: 1, attemptTimeoutMs: 300 };

  test('F10: no answer costs the deadline, and the socket is freed', async () => {
    const instance = await startRawInstance(() => {});
    const shop = openShop([instance.url]);
    const { result, ms } = await timed(outcome(shop.call(read, {}, createScope({ budgetMs: 400 }))));
    expect(result).toBe('DEADLINE_EXCEEDED');
    expect(ms).toBeLessThan(3000);
    await expect.poll(() => instance.sockets.size).toBe(0);
  });

  test('F14: headers at a byte at a time end with the attempt’s time', async () => {
    const instance = await startRawInstance((socket) => drip(socket, wholeAnswer.slice(0, 60)));
    const { result, ms } = await timed(
      outcome(openShop([instance.url], { policy: impatient }).call(read, {}, createScope())),
    );
    expect(result).toBe('DOWNSTREAM_TIMEOUT');
    expect(ms).toBeLessThan(3000);
    await expect.poll(() => instance.sockets.size).toBe(0);
  });

  test('F15: a body at a byte at a time ends with the attempt’s time, though it is never idle', async () => {
    const instance = await startRawInstance((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n');
      drip(socket, ' '.repeat(5000));
    });
    const { result, ms } = await timed(
      outcome(openShop([instance.url], { policy: impatient }).call(read, {}, createScope())),
    );
    expect(result).toBe('DOWNSTREAM_TIMEOUT');
    expect(ms).toBeLessThan(3000);
  });

  test('F82: a read’s socket is freed as soon as its client goes away; a write’s is not', async () => {
    const instance = await startRawInstance(() => {});
    const shop = openShop([instance.url], { policy: { attemptTimeoutMs: 600 } });
    const client = new AbortController();
    const scope = createScope({ client: client.signal });
    const ended = [outcome(shop.call(read, {}, scope)), outcome(shop.call(write, { body: {} }, scope))];
    await expect.poll(() => instance.count).toBe(2);
    client.abort();
    expect(await Promise.all(ended)).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
    await expect.poll(() => instance.sockets.size, { interval: 5, timeout: 300 }).toBe(1);
    await expect.poll(() => instance.sockets.size, { timeout: 2000 }).toBe(0);
  });

  test('F82: a call whose client goes while it connects is never written', async () => {
    const { url } = await startBlackHole();
    const shop = openShop([url], { policy: { connectTimeoutMs: 1500 } });
    const client = new AbortController();
    const ended = timed(outcome(shop.call(write, { body: {} }, createScope({ client: client.signal }))));
    setTimeout(() => client.abort(), 50);
    const { result, ms } = await ended;
    expect([result, ms < 1200]).toEqual(['DEADLINE_EXCEEDED', true]);
  });
});

describe('answers that cannot be read', () => {
  async function answering(headers: Record<string, string>, body: string | Buffer, status = 200) {
    const instance = await startInstance((_request, response) => response.writeHead(status, headers).end(body));
    const attempts: AttemptEvent[] = [];
    const shop = openShop([instance.url], { events: { onAttempt: (event) => attempts.push(event) } });
    return { attempts, ended: shop.call(read, {}, createScope()) };
  }

  test.each([
    ['F20: malformed JSON', json, '{"secret-of-the-service'],
    ['F20: HTML', { 'content-type': 'text/html' }, '<html>secret-of-the-service</html>'],
    ['F20: JSON that does not say so', { 'content-type': 'text/plain' }, '{}'],
    ['F20: JSON that says nothing', {}, '{}'],
    ['bytes that are not UTF-8', json, Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['gzip that is none', { ...json, 'content-encoding': 'gzip' }, '{}'],
    ['an encoding that nobody knows', { ...json, 'content-encoding': 'rot13' }, '{}'],
    ['an encoding that every object has', { ...json, 'content-encoding': 'constructor' }, '{}'],
    ['another that every object has', { ...json, 'content-encoding': '__proto__' }, '{}'],
  ])('%s is BAD_RESPONSE, asked once, and not echoed', async (_name, headers, body) => {
    const { attempts, ended } = await answering(headers, body);
    const error = await failureOf(ended);
    expect(error.code).toBe('DOWNSTREAM_BAD_RESPONSE');
    expect(`${error.message} ${String(error.cause)}`).not.toContain('secret');
    expect(attempts).toHaveLength(1);
    expect(attempts[0]?.because).not.toContain('secret');
  });

  test.each([
    ['gzip', gzipSync('{"ok":42}')],
    ['GZip', gzipSync('{"ok":42}')],
    ['identity', '{"ok":42}'],
    ['Identity', '{"ok":42}'],
  ])('an answer in %s is read', async (encoding, body) => {
    const { ended } = await answering({ ...json, 'content-encoding': encoding }, body);
    expect(await ended).toMatchObject({ body: { ok: 42 }, bytes: 9 });
  });

  test.each(['application/problem+json', 'application/json; charset=utf-8', 'Application/JSON'])(
    '%s is JSON',
    async (type) => {
      expect((await (await answering({ 'content-type': type }, '{"ok":42}')).ended).body).toEqual({ ok: 42 });
    },
  );

  test('a failure or a refusal is told by its status, whatever its body', async () => {
    expect(await outcome((await answering({ 'content-type': 'text/html' }, '<html>', 404)).ended)).toBe('NOT_FOUND');
    expect(await outcome((await answering(json, '{"half', 503)).ended)).toBe('DOWNSTREAM_UNAVAILABLE');
  });

  test.each([
    [404, 'NOT_FOUND', 1],
    [503, 'DOWNSTREAM_UNAVAILABLE', 3],
  ])('nor is the status of a %i forgotten because its body is too large', async (status, code, count) => {
    const endless = (length: string) =>
      startRawInstance((socket) => {
        socket.write(`HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n${length}\r\n\r\n`);
        if (length.startsWith('t')) pump(socket);
      });
    for (const length of ['content-length: 1000000000', 'transfer-encoding: chunked']) {
      const instance = await endless(length);
      expect(await outcome(openShop([instance.url]).call(read, {}, createScope()))).toBe(code);
      expect(instance.count).toBe(count);
      await expect.poll(() => instance.sockets.size).toBe(0);
    }
  });

  test('F23: an empty answer has no body', async () => {
    const { ended } = await answering({}, '', 204);
    expect(await ended).toMatchObject({ status: 204, body: undefined, bytes: 0 });
    expect(await (await answering(json, '')).ended).toMatchObject({ status: 200, body: undefined });
  });

  test.each([301, 302, 303, 304, 307, 308])('F24: a %i is not followed', async (status) => {
    const inner = await startInstance(() => expect.fail('the redirect was followed'));
    const { ended } = await answering({ location: `${inner.url}/internal` }, '', status);
    expect(await outcome(ended)).toBe('DOWNSTREAM_BAD_RESPONSE');
  });

  test('what does not speak HTTP is BAD_RESPONSE', async () => {
    const instance = await startRawInstance((socket) => socket.write('SSH-2.0-OpenSSH_9.7\r\n'));
    expect(await outcome(openShop([instance.url]).call(read, {}, createScope()))).toBe('DOWNSTREAM_BAD_RESPONSE');
  });

  test('headers beyond 16 KiB are BAD_RESPONSE', async () => {
    const { ended } = await answering({ ...json, 'x-large': 'x'.repeat(17_000) }, '{}');
    expect(await outcome(ended)).toBe('DOWNSTREAM_BAD_RESPONSE');
  });
});

describe('F22: answers without end', () => {
  const maxBodyBytes = 5_000_000;

  test('a body that says it is too large is not read at all', async () => {
    const instance = await startRawInstance((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000001\r\n\r\n');
    });
    const shop = openShop([instance.url]);
    expect(await outcome(shop.call(read, {}, createScope()))).toBe('DOWNSTREAM_BAD_RESPONSE');
    await expect.poll(() => instance.sockets.size).toBe(0);
  });

  test('a body that does not end is stopped at 5 MB, and its socket closed', async () => {
    const instance = await startRawInstance((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
      pump(socket);
    });
    let bytes = 0;
    const shop = openShop([instance.url]);
    const ended = outcome(shop.call(read, {}, createScope()));
    const timer = setInterval(() => {
      for (const socket of instance.sockets) bytes = Math.max(bytes, socket.bytesWritten);
    }, 1);
    expect(await ended).toBe('DOWNSTREAM_BAD_RESPONSE');
    clearInterval(timer);
    await expect.poll(() => instance.sockets.size).toBe(0);
    // What the kernel's two buffers hold is sent and never read.
    expect(bytes).toBeLessThan(maxBodyBytes + 12_000_000);
  });

  test('a gzip bomb is stopped at 5 MB decoded', async () => {
    const bomb = gzipSync(Buffer.alloc(60_000_000, '1'));
    expect(bomb.length).toBeLessThan(300_000);
    const instance = await startInstance((_request, response) =>
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb),
    );
    const shop = openShop([instance.url]);
    const before = process.memoryUsage().rss;
    expect(await outcome(shop.call(read, {}, createScope()))).toBe('DOWNSTREAM_BAD_RESPONSE');
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
  });

  test('a body of exactly 5 MB is read', async () => {
    const body = JSON.stringify('x'.repeat(maxBodyBytes - 2));
    for (const [headers, bytes] of [
      [json, body],
      [{ ...json, 'content-encoding': 'gzip' }, gzipSync(body)],
    ] as const) {
      const instance = await startInstance((_request, response) => response.writeHead(200, headers).end(bytes));
      expect((await openShop([instance.url]).call(read, {}, createScope())).bytes).toBe(maxBodyBytes);
    }
  });
});

test('what undici refuses to write is our own mistake, and no sign of the service', async () => {
  const shop = openShop([(await startWell()).url]);
  const scope = { ...createScope(), correlationId: 'line\r\nbreak' };
  for (let i = 0; i < 6; i++) expect(await outcome(shop.call(read, {}, scope))).toBe('INTERNAL_SERVER_ERROR');
  expect(shop.snapshot()[0]?.breaker.state).toBe('closed');
});

function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ' '), 10);
  socket.on('close', () => clearInterval(timer));
}

/** Writes chunks for as long as the peer takes them. */
function pump(socket: Socket): void {
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
  const write = (): void => {
    while (!socket.destroyed) {
      if (!socket.write(chunk)) return;
    }
  };
  socket.on('drain', write);
  write();
}
