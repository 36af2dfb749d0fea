import { randomUUID } from 'node:crypto';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { createLogger } from '../../../shared/observability/logger.ts';
import { createOperationLog } from '../../../shared/observability/operation-log.ts';
import { createPseudonym } from '../../../shared/observability/pseudonym.ts';
import { createTokenVerifier } from '../../../shared/security/token.ts';
import { chooseCoding, compress } from '../../../shared/server/compression.ts';
import { claimedViewer } from '../claimed-viewer.ts';
import { readPeerEnvironment } from '../environment.ts';
import { createServices, type PeerViewer } from '../services.ts';
import { readDashboard } from './dashboard.ts';
import { readHome } from './home.ts';
import { readLines } from './lines.ts';

const environment = readPeerEnvironment();
const services = createServices(environment.services);
const app = fastify();

type ReadScreen = (viewer: PeerViewer, request: FastifyRequest) => Promise<object | null>;

const screens: Readonly<Record<string, ReadScreen>> = {
  '/home': (viewer) => readHome(services, viewer),
  '/dashboard': (viewer) => readDashboard(services, viewer),
  '/orders/:id': (viewer, request) => readLines(services, viewer, (request.params as { id: string }).id),
};

if (environment.flavour === 'same') await serveAlike();
else serveBare();
await app.listen({ port: environment.port, host: '127.0.0.1' });

/** What every answer of ours has besides its data: a token checked, the body compressed, a line in the log. */
async function serveAlike(): Promise<void> {
  const { jwksUrl, issuer, audience } = environment;
  const verifier = createTokenVerifier({ jwksUrl, issuer, audience, algorithm: 'ES256' });
  await verifier.warm();
  const log = createOperationLog(createLogger({ level: 'info', server: 'rest' }));
  const pseudonymOf = createPseudonym('only-for-the-bench-0123456789abcdef');

  async function answer(request: FastifyRequest, reply: FastifyReply, read: ReadScreen): Promise<void> {
    const startedMs = performance.now();
    const { authorization } = request.headers;
    const viewer = verifier.peek(authorization) ?? (await verifier.verify(authorization));
    if (viewer === null) return reply.code(401).send();
    const body = JSON.stringify(await read(viewer, request));
    const bytes = Buffer.byteLength(body);
    const coding = chooseCoding(request.headers['accept-encoding'], bytes);
    const payload = coding === null ? body : await compress(body, bytes, coding);
    reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'private, no-store');
    if (coding !== null) reply.header('content-encoding', coding);
    reply.send(payload);
    log({
      requestId: randomUUID(),
      traceId: '',
      viewer: pseudonymOf(viewer),
      client: String(request.headers['apollographql-client-name'] ?? ''),
      version: String(request.headers['apollographql-client-version'] ?? ''),
      operation: request.routeOptions.url ?? null,
      operationId: null,
      cost: 0,
      downstreamCalls: 4,
      degraded: 0,
      status: 200,
      errors: [],
      ms: performance.now() - startedMs,
      bytes: payload.length,
    });
  }

  for (const [path, read] of Object.entries(screens)) {
    app.get(path, async (request, reply) => {
      await answer(request, reply, read);
      return reply;
    });
  }
}

/** The endpoint alone. */
function serveBare(): void {
  for (const [path, read] of Object.entries(screens)) {
    app.get(path, (request) => read(claimedViewer(request.headers.authorization), request));
  }
}
