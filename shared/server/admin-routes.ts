import type { ServiceMode } from '../downstream/service-mode.ts';
import { AppError } from '../errors.ts';
import { type HttpAnswer, jsonAnswer, textAnswer } from './answer.ts';
import { parseDuration } from './duration-text.ts';
import { Refusal } from './refusal.ts';
import { addPlainRoute, type Site, takeOver } from './service-routes.ts';

/** The services behind this server, as an operator sees and switches them. */
export interface ServiceControl {
  /** For each service: policy, breaker, instances, rates, latencies. */
  snapshot(): readonly { readonly service: string }[];
  setMode(service: string, mode: ServiceMode, forMs: number): unknown;
}

export interface AdminOptions {
  readonly services: ServiceControl;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  readonly sdl: string;
  /** More to show under GET /health: the cache, Redis, the load. */
  readonly health?: () => Readonly<Record<string, unknown>>;
  /** Told of every switch, for the audit log. */
  readonly onSwitch: (event: {
    service: string;
    mode: ServiceMode;
    forMs: number;
    requestId: string;
    address: string;
  }) => void;
}

const modes: readonly string[] = ['normal', 'fallback', 'off'];
const longestMs = 86_400_000;
const defaultMs = 1_800_000;

/** GET /health, /metrics, /schema.graphql and PUT /services/<name>: for operators, on a port that the public does not reach. */
export function addAdminRoutes(site: Site, options: AdminOptions): void {
  const { app, responder } = site;
  const { services, metrics } = options;
  addPlainRoute(site, '/health', () =>
    jsonAnswer(200, { status: 'ok', ...options.health?.(), services: services.snapshot() }),
  );
  addPlainRoute(site, '/metrics', async () => textAnswer(await metrics.text(), metrics.contentType));
  addPlainRoute(site, '/schema.graphql', () => textAnswer(options.sdl));

  app.put('/services/:name', (request, reply) => {
    const exchange = takeOver(request, reply);
    const { name } = request.params as { name: string };
    try {
      // An operator's tool sends none, and every page that a browser shows does, one whose name was bound to this address among them.
      if (request.headers.origin !== undefined) throw new AppError('FORBIDDEN', 'No web page may switch a service.');
      const { mode, forMs } = readSwitch(request.body);
      const known = services.snapshot().map(({ service }) => service);
      if (!known.includes(name))
        throw new Refusal('NOT_FOUND', `There is no such service: use one of ${known.join(', ')}.`);
      const state = services.setMode(name, mode, forMs);
      options.onSwitch({
        service: name,
        mode,
        forMs,
        requestId: exchange.id,
        address: request.socket.remoteAddress ?? '',
      });
      void responder.send(exchange, switched(name, state));
    } catch (error) {
      responder.refuse(exchange, error);
    }
  });
}

function switched(service: string, state: unknown): HttpAnswer {
  return jsonAnswer(200, { service, mode: state });
}

const form =
  'Send {"mode": "normal" | "fallback" | "off", "for": "30m"}; "for" is seconds, minutes or hours, at most 24h.';

function readSwitch(bytes: unknown): { mode: ServiceMode; forMs: number } {
  const body = parse(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Refusal('BAD_REQUEST', form);
  const { mode, for: duration, ...rest } = body as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || typeof mode !== 'string' || !modes.includes(mode))
    throw new Refusal('BAD_REQUEST', form);
  if (duration === undefined) return { mode: mode as ServiceMode, forMs: defaultMs };
  const forMs = typeof duration === 'string' ? parseDuration(duration) : null;
  if (forMs === null || forMs > longestMs) throw new Refusal('BAD_REQUEST', form);
  return { mode: mode as ServiceMode, forMs };
}

function parse(bytes: unknown): unknown {
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
