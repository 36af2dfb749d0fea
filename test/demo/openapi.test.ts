import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceName, serviceNames } from '../../demo/shop.ts';
import { type OpenShop, openShop } from './open-shop.ts';

interface Operation {
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: unknown;
  responses: Record<string, { headers?: Record<string, unknown> }>;
}

interface Attempt {
  what: string;
  path: string;
  init: RequestInit;
}

/** Of the connection and of the body, not of the operation. */
const plainHeaders = ['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'];
const oversized = JSON.stringify({ text: 'x'.repeat(101 * 1024) });

/** Whatever a caller can get wrong, and what it can get right without knowing the service. */
async function attemptsOf(shop: OpenShop, path: string, operation: Operation, method: string): Promise<Attempt[]> {
  const viewer = `Bearer ${await shop.token('user-2')}`;
  const service = `Bearer ${await shop.serviceToken('orders')}`;
  const key = { 'idempotency-key': `${method} ${path}` };
  const json = { 'content-type': 'application/json' };
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query' && parameter.required);
  const values: Record<string, string> = { userId: 'user-2', ids: 'user-2,product-1,order-1' };
  const search = query.length === 0 ? '' : `?${query.map(({ name }) => `${name}=${values[name] ?? ''}`).join('&')}`;
  const existing = path
    .replace('/users/{id}', '/users/user-2')
    .replace('/products/{id}', '/products/product-1')
    .replace('/categories/{id}', '/categories/books')
    .replace(/\{[^}]+\}/, 'order-1');
  const odd = path.replace(/\{[^}]+\}/, 'No%20Such');
  const write = operation.requestBody === undefined ? {} : { body: '{}' };
  const attempt = (what: string, target: string, headers: Record<string, string>, body: { body?: string } = write) => ({
    what,
    path: target,
    init: { method, headers: { ...json, ...headers }, ...(method === 'GET' ? {} : body) },
  });
  return [
    attempt('without a token', existing + search, key),
    attempt('with a broken token', existing + search, { ...key, authorization: 'Bearer a.b.c' }),
    attempt('as a viewer', existing + search, { ...key, authorization: viewer }),
    attempt('as a viewer, again', existing + search, { ...key, authorization: viewer }),
    attempt('as another viewer', existing + search, { ...key, authorization: `Bearer ${await shop.token('user-3')}` }),
    attempt('as a service', existing + search, { ...key, authorization: service }),
    attempt('with an id that cannot exist', odd + search, { ...key, authorization: viewer }),
    attempt('without its parameters', existing, { ...key, authorization: viewer }),
    attempt('with bad parameters', `${existing}?userId=%00&ids=&limit=0&cursor=x&q=${'x'.repeat(201)}`, {
      ...key,
      authorization: viewer,
    }),
    attempt('without a key', existing + search, { authorization: viewer }),
    attempt('with a key that is too long', existing + search, {
      authorization: viewer,
      'idempotency-key': 'k'.repeat(256),
    }),
    ...(operation.requestBody === undefined
      ? []
      : [viewer, service].flatMap((authorization) => [
          attempt('with half a body', existing, { ...key, authorization }, { body: '{"a":' }),
          attempt('with a body of another type', existing, { ...key, authorization, 'content-type': 'text/plain' }),
          attempt('with a body that is too large', existing, { ...key, authorization }, { body: oversized }),
        ])),
  ];
}

describe.each(serviceNames)('the document of the %s service', (name: ServiceName) => {
  let shop: OpenShop;

  beforeAll(async () => {
    shop = await openShop({ instances: 1 });
  });
  afterAll(async () => {
    await shop.close();
  });

  it('says every status and header that its routes answer with, whatever the caller gets wrong', async () => {
    const { body } = await shop.ask(name, '/openapi.json');
    const paths = body['paths'] as unknown as Record<string, Record<string, Operation>>;
    const unsaid: string[] = [];
    for (const [path, methods] of Object.entries(paths)) {
      for (const [lowerCase, operation] of Object.entries(methods)) {
        const method = lowerCase.toUpperCase();
        for (const attempt of await attemptsOf(shop, path, operation, method)) {
          const answer = await fetch(`${shop.services[name][0]}${attempt.path}`, attempt.init);
          await answer.body?.cancel();
          const said = operation.responses[String(answer.status)];
          const known = Object.keys(said?.headers ?? {}).map((header) => header.toLowerCase());
          const others = [...answer.headers.keys()].filter((header) => ![...known, ...plainHeaders].includes(header));
          const where = `${method} ${path} ${attempt.what}: ${answer.status}`;
          if (said === undefined) unsaid.push(where);
          else if (others.length > 0) unsaid.push(`${where} with ${others.join(', ')}`);
        }
      }
    }
    expect(unsaid).toEqual([]);
  });
});
