import { connect } from 'node:net';
import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import type { GraphqlHandler } from '../../../shared/server/graphql-port.ts';
import { post as rawPost } from './bad-request.ts';
import { openEdge } from './edge-under-test.ts';
import { open, readAnswers } from './raw-http.ts';

const body = '{"query":"{ hello }"}';

/** A handler whose requests wait until they are let go. */
function createGate() {
  const arrivals: (() => void)[] = [];
  let arrived = Promise.withResolvers<void>();
  const graphql: GraphqlHandler = {
    async handle({ edge }) {
      await new Promise<void>((resolve) => {
        arrivals.push(resolve);
        edge.signal.addEventListener('abort', () => resolve());
        arrived.resolve();
      });
      return { status: 200, headers: [], body: '{"data":{}}' };
    },
  };
  return {
    graphql,
    async nextArrival() {
      await arrived.promise;
      arrived = Promise.withResolvers<void>();
    },
    release: () => arrivals.splice(0).forEach((resolve) => resolve()),
  };
}

function post(url: string, dispatcher?: Agent) {
  return request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    ...(dispatcher === undefined ? {} : { dispatcher }),
  });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

describe('a draining server', () => {
  it('says so first, goes on serving, and asks its clients to leave', async () => {
    // As long as it takes: the second signal ends it.
    const edge = await openEdge({ drainNoticeMs: 60_000 });
    const closed = edge.server.close('drain');
    const ready = await request(`${edge.url}/health/ready`);
    expect([ready.statusCode, await ready.body.json()]).toEqual([
      503,
      { status: 'unavailable', missing: { process: 'is shutting down' } },
    ]);
    expect((await request(`${edge.url}/health/live`)).statusCode).toBe(200);
    const answer = await post(edge.url);
    expect([answer.statusCode, answer.headers['connection']]).toEqual([200, 'close']);
    await edge.server.close('now');
    await closed;
    expect(await canConnect(edge.port)).toBe(false);
  });

  it('answers every one of the requests that came pipelined, and ends the connection with the last', async () => {
    const edge = await openEdge({ drainNoticeMs: 60_000 });
    const closed = edge.server.close('drain');
    const socket = await open(edge.port);
    socket.write(Buffer.concat(Array.from({ length: 5 }, () => rawPost())));
    const answers = await readAnswers(socket, 5);
    expect(answers.map((answer) => [answer.status, answer.headers.get('connection')])).toEqual([
      ...Array.from({ length: 4 }, () => [200, 'keep-alive']),
      [200, 'close'],
    ]);
    await edge.server.close('now');
    await closed;
  });

  it('waits for the requests under way and answers them whole', async () => {
    const gate = createGate();
    const edge = await openEdge({ graphql: gate.graphql, drainNoticeMs: 0 });
    const answer = post(edge.url);
    await gate.nextArrival();
    const closed = edge.server.close('drain');
    await expect.poll(() => canConnect(edge.port)).toBe(false);
    gate.release();
    expect(await (await answer).body.text()).toBe('{"data":{}}');
    await closed;
  });

  it('does not wait for idle connections that would stay for 72 s', async () => {
    const edge = await openEdge({ drainNoticeMs: 0 });
    const agent = new Agent({ connections: 5, keepAliveTimeout: 60_000 });
    await Promise.all(Array.from({ length: 5 }, async () => (await post(edge.url, agent)).body.text()));
    const before = performance.now();
    await edge.server.close('drain');
    expect(performance.now() - before).toBeLessThan(5000);
    await agent.destroy();
  });

  it('does not wait for connections on which nothing was ever asked', async () => {
    const edge = await openEdge({ drainNoticeMs: 0 });
    const sockets = [await open(edge.port), await open(edge.port)];
    const before = performance.now();
    await edge.server.close('drain');
    expect(performance.now() - before).toBeLessThan(5000);
    for (const socket of sockets) socket.destroy();
  });

  it('does not wait for a connection whose answer had begun before: it was not asked to leave', async () => {
    const gate = Promise.withResolvers<void>();
    async function* parts() {
      yield 'first';
      await gate.promise;
      yield 'last';
    }
    const edge = await openEdge({
      drainNoticeMs: 0,
      graphql: { handle: async () => ({ status: 200, headers: [], body: parts() }) },
    });
    const agent = new Agent({ keepAliveTimeout: 60_000 });
    const answer = await post(edge.url, agent);
    expect(answer.headers['connection']).toBe('keep-alive');
    const before = performance.now();
    const closed = edge.server.close('drain');
    gate.resolve();
    expect(await answer.body.text()).toBe('firstlast');
    await closed;
    expect(performance.now() - before).toBeLessThan(5000);
    await agent.destroy();
  });

  it('gives a request that never ends no more than its time', async () => {
    const gate = createGate();
    const edge = await openEdge({ graphql: gate.graphql, drainNoticeMs: 0, drainMs: 200 });
    const answer = post(edge.url).catch((error: unknown) => error);
    await gate.nextArrival();
    await edge.server.close('drain');
    expect(await answer).toBeInstanceOf(Error);
    await expect.poll(() => edge.handled[0]?.edge.signal.aborted).toBe(true);
  });

  it('is hurried by a second signal', async () => {
    const edge = await openEdge({ drainNoticeMs: 60_000 });
    const closed = edge.server.close('drain');
    const before = performance.now();
    await edge.server.close('now');
    await closed;
    expect(performance.now() - before).toBeLessThan(1500);
  });

  it('answers everything that was sent before it stopped to accept: 200 a second, none failed or truncated', async () => {
    const edge = await openEdge({ drainNoticeMs: 3000 });
    const agent = new Agent({ connections: 20, pipelining: 1 });
    const outcomes = new Map<string, number>();
    const count = (outcome: string) => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    let isRunning = true;
    const pending: Promise<void>[] = [];
    const timer = setInterval(() => {
      if (!isRunning) return;
      pending.push(
        post(edge.url, agent).then(
          async (answer) => count(`${answer.statusCode} ${await answer.body.text()}`),
          (error: unknown) => count(error instanceof Error && 'code' in error ? String(error.code) : 'failed'),
        ),
      );
    }, 5);
    await expect.poll(() => outcomes.size).toBeGreaterThan(0);
    const closed = edge.server.close('drain');
    // What a load balancer does: it sees that readiness is gone and sends its requests elsewhere.
    await expect.poll(async () => (await request(`${edge.url}/health/ready`)).statusCode).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 400));
    isRunning = false;
    clearInterval(timer);
    await closed;
    await Promise.all(pending);
    await agent.destroy();
    expect([...outcomes.keys()]).toEqual(['200 {"data":{"hello":"Hello you"}}\n']);
    expect(pending.length).toBeGreaterThan(20);
  });
});

describe('a server that is told to stop now', () => {
  it('gives what is under way a second', async () => {
    const gate = createGate();
    const edge = await openEdge({ graphql: gate.graphql });
    const answer = post(edge.url).catch((error: unknown) => error);
    await gate.nextArrival();
    const before = performance.now();
    await edge.server.close('now');
    expect(performance.now() - before).toBeLessThan(1800);
    expect(await answer).toBeInstanceOf(Error);
  });

  it('ends a connection that drips its headers', async () => {
    const edge = await openEdge();
    const socket = await open(edge.port);
    socket.write('POST /graphql HTTP/1.1\r\n');
    await edge.server.close('now');
    expect(await readAnswers(socket)).toEqual([]);
  });
});
