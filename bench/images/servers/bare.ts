// A bare Node HTTP server of the same bytes under the same headers: what a hit is held against.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveMeasured } from './measured.ts';

export interface BareAnswer {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly base64: string;
}

serveMeasured(async (answers: readonly BareAnswer[]) => {
  const known = new Map(
    answers.map(({ path, headers, base64 }) => [path, { headers, body: Buffer.from(base64, 'base64') }]),
  );
  const server = createServer((request, response) => {
    const answer = known.get(request.url ?? '');
    response.writeHead(answer === undefined ? 404 : 200, answer?.headers).end(answer?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
});
