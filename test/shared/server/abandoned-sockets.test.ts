import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { answerOnSocket } from '../../../shared/server/client-errors.ts';
import { Refusal } from '../../../shared/server/refusal.ts';
import { openEdge } from './edge-under-test.ts';
import { open, readAnswers } from './raw-http.ts';

/** A socket that Node hands over with its request, or before there is one: nobody but us lets go of it. */
const handedOver = [
  { name: 'a CONNECT', bytes: 'CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n', status: 405 },
  { name: 'a CONNECT with more behind it', bytes: 'CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\nmore', status: 405 },
  { name: 'what is no HTTP', bytes: 'HELLO\r\n\r\n', status: 400 },
];

it.each(handedOver)('$name is answered, and its reset troubles nobody', async ({ bytes, status }) => {
  const edge = await openEdge();
  const socket = await ask(edge.port, bytes, status);
  socket.resetAndDestroy();
  const next = await open(edge.port);
  next.write('GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(await readAnswers(next)).toHaveLength(1);
});

it.each(handedOver)('$name whose sender talks on is let go of', async ({ bytes, status }) => {
  const edge = await openEdge();
  const socket = await ask(edge.port, bytes, status);
  socket.on('error', () => {});
  const gone = new Promise((resolve) => socket.once('close', resolve));
  const talking = setInterval(() => socket.write('more'), 100);
  await expect(gone).resolves.toBeDefined();
  clearInterval(talking);
});

it('one whose sender says nothing more is let go of, too', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    answerOnSocket(socket, new Refusal('BAD_REQUEST', 'That is no HTTP.')),
  ).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  await ask((server.address() as AddressInfo).port, '', 400);
  const count = promisify(server.getConnections.bind(server));
  expect(await count()).toBe(1);
  await expect.poll(() => count(), { timeout: 5000 }).toBe(0);
});

async function ask(port: number, bytes: string, status: number): Promise<Socket> {
  const socket = await open(port);
  socket.allowHalfOpen = true;
  socket.write(bytes);
  const [answer] = await readAnswers(socket);
  expect(answer?.status).toBe(status);
  return socket;
}
