import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { RefusedRequest } from '../../../shared/images/image-failure.ts';
import { createClientErrorListener } from '../../../shared/images/plain-answer.ts';

it('is told, too, of a request that never ends', async () => {
  const refusals: RefusedRequest[] = [];
  const server = createServer({ headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 50 });
  server.on(
    'clientError',
    createClientErrorListener((refusal) => refusals.push(refusal)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET /images/');
  const answer = await new Promise<string>((resolve) => socket.once('data', (text: Buffer) => resolve(`${text}`)));
  expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
  expect(refusals).toEqual([{ status: 408, reason: expect.any(String), path: '', origin: null }]);
});
