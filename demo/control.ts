import type { Calls } from './calls.ts';
import type { FaultRule, Faults } from './faults.ts';
import { mintServiceToken, mintToken, publicJwks } from './identity.ts';
import type { Parameter } from './services/operation.ts';
import { Problem } from './services/problem.ts';
import { findFaults, objectOf, ref, type Schema, type Schemas } from './services/schema.ts';
import type { Route, Service } from './services/service.ts';
import { isUserId, userCount } from './world/users.ts';

export interface ControlDeps {
  calls: Calls;
  faults: Faults;
  /** Every service that can be faulted, with its instances and the routes it serves. */
  targets: () => readonly FaultTarget[];
  mediaUrl: () => string;
}

export interface FaultTarget {
  name: string;
  instances: readonly { id: string; url: string }[];
  routes: readonly string[];
}

const maxDelayMs = 600_000;
const flag = { type: 'boolean', enum: [true] } as const;
const faultProperties: Record<string, Schema> = {
  instance: { type: 'string' },
  route: { type: 'string' },
  delayMs: { type: 'integer', minimum: 0, maximum: maxDelayMs },
  status: { type: 'integer', minimum: 200, maximum: 599 },
  rate: { type: 'number', minimum: 0, maximum: 1 },
  hang: flag,
  reset: flag,
  malformed: { enum: [true, 'html', 'empty'] },
  retryAfterSeconds: { type: 'integer', minimum: 0, maximum: 86_400 },
  body: { type: 'object' },
  forMs: { type: 'integer', minimum: 1, maximum: 86_400_000 },
  after: flag,
};
const faultRuleSchema: Schema = { type: 'object', properties: faultProperties, additionalProperties: false };
const schemas: Schemas = { TokenRequest: objectOf({ userId: { type: 'string', maxLength: 64 } }) };

const serviceParameter: Parameter = {
  name: 'service',
  in: 'path',
  required: true,
  description: 'As GET /services names it.',
  schema: { type: 'string' },
};

function publicOperation(method: Route['operation']['method'], path: string, summary: string) {
  const operationId = `${method} ${path}`.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  const answers = method === 'DELETE' ? { 204: { description: 'Done.' } } : { 200: { description: summary } };
  return { method, path, operationId, summary, access: 'public', cacheControl: 'no-store', answers } as const;
}

function findTarget(deps: ControlDeps, name: string): FaultTarget {
  const target = deps.targets().find((candidate) => candidate.name === name);
  if (target) return target;
  const known = deps.targets().map((candidate) => candidate.name);
  throw new Problem(404, 'unknown-service', {
    detail: `There is no service of that name; take one of ${known.join(', ')}.`,
  });
}

function readRule(body: unknown): FaultRule {
  const errors = findFaults(body, faultRuleSchema, { schemas: {} });
  if (errors.length > 0) {
    const known = Object.keys(faultRuleSchema.properties ?? {}).join(', ');
    const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
    throw new Problem(400, 'invalid-fault', { detail: `${detail}. The fields are ${known}.`, extras: { errors } });
  }
  const rule = body as FaultRule;
  const effects = [rule.delayMs, rule.status, rule.hang, rule.reset, rule.malformed, rule.body];
  if (effects.every((effect) => effect === undefined)) {
    throw new Problem(400, 'no-effect', {
      detail: 'Say what happens: delayMs, status, hang, reset, malformed or body.',
    });
  }
  return rule;
}

function checkTarget(target: FaultTarget, rule: FaultRule): void {
  const instances = target.instances.map((instance) => instance.id);
  if (rule.instance !== undefined && !instances.includes(rule.instance)) {
    throw new Problem(404, 'unknown-instance', {
      detail: `${target.name} has no such instance; take one of ${instances.join(', ')}.`,
    });
  }
  if (rule.route !== undefined && !target.routes.includes(rule.route)) {
    throw new Problem(400, 'unknown-route', {
      detail: `${target.name} has no such route; take one of ${target.routes.join(', ')}.`,
    });
  }
}

function faultRoutes(deps: ControlDeps): Route[] {
  return [
    {
      operation: {
        ...publicOperation(
          'PUT',
          '/faults/{service}',
          'Switches a fault on, in the place of one for the same instance and route.',
        ),
        parameters: [serviceParameter],
        // Checked below instead, so that a mistake is answered with 400 and all the names that are known.
        body: {},
        answers: {
          200: { description: 'The faults that are on.' },
          400: { description: 'invalid-fault; no-effect; unknown-route.' },
          404: { description: 'unknown-service; unknown-instance.' },
        },
      },
      handle(request) {
        const target = findTarget(deps, request.path['service'] ?? '');
        const rule = readRule(request.body);
        checkTarget(target, rule);
        return { status: 200, body: { faults: deps.faults.put(target.name, rule) } };
      },
    },
    {
      operation: {
        ...publicOperation('DELETE', '/faults/{service}', 'Ends the faults of one service.'),
        parameters: [serviceParameter],
      },
      handle(request) {
        deps.faults.clear(findTarget(deps, request.path['service'] ?? '').name);
        return { status: 204 };
      },
    },
    {
      operation: publicOperation('GET', '/faults', 'The faults that are on.'),
      handle: () => ({ status: 200, body: { faults: deps.faults.list() } }),
    },
    {
      operation: publicOperation('DELETE', '/faults', 'Ends all faults.'),
      handle() {
        deps.faults.clear();
        return { status: 204 };
      },
    },
  ];
}

async function mintFor(userId: string): Promise<string> {
  const service = /^service:([a-z0-9-]{1,32})$/.exec(userId)?.[1];
  if (service !== undefined) return await mintServiceToken(service);
  if (isUserId(userId)) return await mintToken(userId);
  throw new Problem(404, 'unknown-user', {
    detail: `The demo shop has no such user; take one from user-1 to user-${userCount}.`,
  });
}

/** How a person or a test steers the shop: who is there, what was called, what shall fail. */
export function createControlService(deps: ControlDeps): Service {
  const routes: Route[] = [
    {
      operation: publicOperation('GET', '/services', 'The names and addresses of all instances.'),
      handle() {
        const services = deps.targets().filter((target) => target.name !== 'media');
        return {
          status: 200,
          body: {
            services: services.map(({ name, instances }) => ({ name, instances })),
            media: { url: deps.mediaUrl() },
          },
        };
      },
    },
    {
      operation: publicOperation('GET', '/calls', 'How often each route of each service was asked.'),
      handle: () => ({ status: 200, body: deps.calls.report() }),
    },
    {
      operation: publicOperation('DELETE', '/calls', 'Starts the count anew.'),
      handle() {
        deps.calls.clear();
        return { status: 204 };
      },
    },
    ...faultRoutes(deps),
    {
      operation: {
        ...publicOperation('GET', '/.well-known/jwks.json', 'The key that tokens are signed with.'),
        cacheControl: 'public, max-age=300',
      },
      handle: () => ({ status: 200, body: publicJwks() }),
    },
    {
      operation: {
        ...publicOperation('POST', '/tokens', 'A token for a user.'),
        body: ref('TokenRequest'),
        answers: { 200: { description: 'The token.' }, 404: { description: 'unknown-user.' } },
      },
      async handle(request) {
        // The dispatcher has checked the body against TokenRequest.
        const { userId } = request.body as { userId: string };
        return { status: 200, body: { token: await mintFor(userId) } };
      },
    },
  ];
  return { name: 'control', title: 'Control', schemas, routes, close: () => undefined };
}
