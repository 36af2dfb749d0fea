import { request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServiceMode } from '../../../shared/downstream/service-mode.ts';
import { createAdminServer } from '../../../shared/server/admin-server.ts';
import { firstError, openEdge } from './edge-under-test.ts';

function createControl() {
  const switched: { service: string; mode: ServiceMode; forMs: number }[] = [];
  return {
    switched,
    services: {
      snapshot: () => [
        { service: 'catalog', breaker: 'closed' },
        { service: 'orders', breaker: 'open' },
      ],
      setMode(service: string, mode: ServiceMode, forMs: number) {
        switched.push({ service, mode, forMs });
        return { mode, leftMs: forMs };
      },
    },
  };
}

async function openAdmin() {
  const control = createControl();
  const audited: unknown[] = [];
  let isClosing = false;
  const server = createAdminServer({
    host: '127.0.0.1',
    port: 0,
    services: control.services,
    metrics: { text: async () => 'bff_up 1\n', contentType: 'text/plain; version=0.0.4' },
    sdl: 'type Query { hello: String }',
    health: () => ({ redis: 'up' }),
    onSwitch: (event) => audited.push(event),
    readiness: {},
    isClosing: () => isClosing,
  });
  const { url } = await server.listen();
  onTestFinished(() => server.close());
  const put = (name: string, body: string) =>
    request(`${url}/services/${name}`, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/json', 'x-request-id': 'op-1' },
    });
  return { url, put, audited, control, beginClosing: () => (isClosing = true) };
}

describe("the operators' port", () => {
  it('shows health, metrics and the schema', async () => {
    const { url } = await openAdmin();
    const health = await request(`${url}/health`);
    expect(await health.body.json()).toEqual({
      status: 'ok',
      redis: 'up',
      services: [
        { service: 'catalog', breaker: 'closed' },
        { service: 'orders', breaker: 'open' },
      ],
    });
    const metrics = await request(`${url}/metrics`);
    expect([metrics.headers['content-type'], await metrics.body.text()]).toEqual([
      'text/plain; version=0.0.4',
      'bff_up 1\n',
    ]);
    expect(await (await request(`${url}/schema.graphql`)).body.text()).toBe('type Query { hello: String }');
    expect((await request(`${url}/health/live`)).statusCode).toBe(200);
  });

  it('says with the public port that the process is going', async () => {
    const admin = await openAdmin();
    expect((await request(`${admin.url}/health/ready`)).statusCode).toBe(200);
    admin.beginClosing();
    expect((await request(`${admin.url}/health/ready`)).statusCode).toBe(503);
  });

  it.each([
    ['{"mode":"off","for":"45s"}', 'off', 45_000],
    ['{"mode":"fallback","for":"30m"}', 'fallback', 1_800_000],
    ['{"mode":"fallback","for":"24h"}', 'fallback', 86_400_000],
    ['{"mode":"fallback"}', 'fallback', 1_800_000],
    ['{"mode":"normal"}', 'normal', 1_800_000],
  ])('switches a service by %s', async (body, mode, forMs) => {
    const { put, audited, control } = await openAdmin();
    const answer = await put('catalog', body);
    expect([answer.statusCode, await answer.body.json()]).toEqual([
      200,
      { service: 'catalog', mode: { mode, leftMs: forMs } },
    ]);
    expect(control.switched).toEqual([{ service: 'catalog', mode, forMs }]);
    expect(audited).toEqual([{ service: 'catalog', mode, forMs, requestId: 'op-1', address: '127.0.0.1' }]);
  });

  it('switches nothing for a web page', async () => {
    const { url, control } = await openAdmin();
    const answer = await request(`${url}/services/catalog`, {
      method: 'PUT',
      headers: { origin: 'https://evil.example' },
      body: '{"mode":"off"}',
    });
    expect([answer.statusCode, control.switched]).toEqual([403, []]);
    await answer.body.dump();
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{}',
    '{"mode":"sleep"}',
    '{"mode":"off","for":30}',
    '{"mode":"off","for":"0s"}',
    '{"mode":"off","for":"25h"}',
    '{"mode":"off","for":"-1m"}',
    '{"mode":"off","until":"noon"}',
    '{"mode":"constructor"}',
  ])('does not switch by %s', async (body) => {
    const { put, audited, control } = await openAdmin();
    const answer = await put('catalog', body);
    expect(answer.statusCode).toBe(400);
    expect(firstError(await answer.body.text()).message).toContain('"normal" | "fallback" | "off"');
    expect([control.switched, audited]).toEqual([[], []]);
  });

  it('names the services where another is switched', async () => {
    const { put } = await openAdmin();
    const answer = await put('payments', '{"mode":"off"}');
    expect(answer.statusCode).toBe(404);
    expect(firstError(await answer.body.text()).message).toContain('catalog, orders');
    expect((await put('x'.repeat(200), '{"mode":"off"}')).statusCode).toBe(414);
  });
});

describe('the public port', () => {
  it('has none of it', async () => {
    const edge = await openEdge();
    for (const path of ['/health', '/metrics', '/services/catalog'])
      expect((await fetch(`${edge.url}${path}`)).status).toBe(404);
    expect((await fetch(`${edge.url}/services/catalog`, { method: 'PUT', body: '{"mode":"off"}' })).status).toBe(404);
  });

  it('has all of it where it is asked for, in development', async () => {
    const { services, switched } = createControl();
    const edge = await openEdge({
      admin: {
        services,
        metrics: { text: async () => 'bff_up 1\n', contentType: 'text/plain' },
        sdl: 'type Query',
        onSwitch: () => {},
      },
    });
    expect((await fetch(`${edge.url}/metrics`)).status).toBe(200);
    expect((await fetch(`${edge.url}/services/catalog`, { method: 'PUT', body: '{"mode":"off"}' })).status).toBe(200);
    expect(switched).toHaveLength(1);
  });
});
