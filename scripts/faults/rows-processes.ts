import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { askGraphql } from '../../test/support/stack.ts';
import { about, atLeast, atMost, withinMs } from './bound.ts';
import { startChildServer } from './child-server.ts';
import type { Fault } from './fault.ts';
import { addresses, uncached } from './lab.ts';
import { measureLoad } from './load.ts';
import { askMany, others, outcomeOf, pause, productQuery, timed, until } from './outcome.ts';

/** F77-F90: our own process, its clients, and who else it talks to. */
export const processFaults: readonly Fault[] = [
  {
    id: 'F77',
    fault: 'event loop stalls 2 s',
    promise: '503, then well; breakers do not open for our own stall',
    expected: { sheds: true, recovers: true, breaker: 'closed' },
    off: {
      name: 'SHED_EVENT_LOOP_DELAY_MS=60000, stallToleranceMs: Infinity',
      options: { env: { SHED_EVENT_LOOP_DELAY_MS: '60000' }, stallToleranceMs: Infinity },
    },
    async meet(lab) {
      const policy = { ...uncached.policy, attemptTimeoutMs: 1000, attempts: 1 };
      const server = await lab.start({ ...uncached, policy, env: { SHED_EVENT_LOOP_DELAY_MS: '500' } });
      lab.fault('catalog', { delayMs: 300 });
      const asking = askMany(server, 8, { ask: { token: lab.token }, atOnce: 8 });
      await until(() => lab.calls('catalog') >= 8);
      const endsAtMs = performance.now() + 2000;
      while (performance.now() < endsAtMs);
      await asking;
      lab.mend();
      let sheds = false;
      const recovers = await until(async () => {
        const outcome = outcomeOf(await server.ask(productQuery, { token: lab.token }));
        sheds ||= outcome.startsWith('HTTP 503');
        return outcome === 'success' && (sheds || lab.isOff);
      });
      return { sheds, recovers, breaker: (await server.service('catalog')).breaker.state };
    },
  },
  {
    id: 'F79',
    fault: 'twice the load it can bear, open loop',
    promise: 'some 503/429; goodput per CPU second >= 90 % of the peak',
    expected: { unanswered: 0, goodputPercent: about(90) },
    off: {
      name: 'SHED_*: never',
      options: { env: { SHED_EVENT_LOOP_DELAY_MS: '60000', SHED_UTILISATION_PERCENT: '100' } },
    },
    async meet(lab) {
      const shedding = { SHED_EVENT_LOOP_DELAY_MS: '500', SHED_UTILISATION_PERCENT: '98' };
      const never = { SHED_EVENT_LOOP_DELAY_MS: '60000', SHED_UTILISATION_PERCENT: '100' };
      const server = await startChildServer(lab, { LOG_LEVEL: 'info', ...(lab.isOff ? never : shedding) });
      return measureLoad(server, { seconds: lab.count({ short: 1, full: 4 }) });
    },
  },
  {
    id: 'F80',
    fault: 'SIGTERM at 200 rps',
    promise: 'everything sent before it stops accepting is answered; 0 failed, 0 truncated, out <= 15 s',
    expected: { failed: 'none', answered: atLeast(40), exitCode: 0, outMs: withinMs(15_000) },
    off: { name: 'SIGKILL in its place', options: {} },
    async meet(lab) {
      const server = await startChildServer(lab, { DRAIN_NOTICE_MS: '2000' });
      const outcomes = new Map<string, number>();
      const pending: Promise<void>[] = [];
      const count = (outcome: string) => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      const ask = async () => {
        try {
          count(outcomeOf(await askGraphql(`${server.url}/graphql`, productQuery, { token: lab.token })));
        } catch (error) {
          count(error instanceof Error && error.cause instanceof Error ? error.cause.message : 'failed');
        }
      };
      const timer = setInterval(() => pending.push(ask()), 5);
      lab.defer(() => clearInterval(timer));
      await until(() => (outcomes.get('success') ?? 0) > 20);
      const exited = timed(() => server.exited);
      server.child.kill(lab.isOff ? 'SIGKILL' : 'SIGTERM');
      // As a load balancer does: it sees that readiness is gone, and sends its requests elsewhere.
      await pause(300);
      clearInterval(timer);
      await Promise.all(pending);
      const { result, ms } = await exited;
      return { failed: others(outcomes), answered: outcomes.get('success') ?? 0, exitCode: result ?? -1, outMs: ms };
    },
  },
  {
    id: 'F82',
    fault: 'client goes away mid-query / mid-mutation',
    promise: 'downstream reads aborted within 100 ms / a write once sent runs to its own end; 0 leaked sockets',
    expected: { abortedMs: withinMs(100), readEndedBy: 'us', writeEndedBy: 'the service' },
    off: { name: 'a client that stays, which a server that does not notice takes it for', options: {} },
    async meet(lab) {
      const ends: Record<string, string> = {};
      const playFor = (name: string) => ({
        play(response: ServerResponse) {
          const timer = setTimeout(
            () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
            700,
          );
          response.on('close', () => {
            clearTimeout(timer);
            ends[name] = response.writableFinished ? 'the service' : 'us';
          });
        },
      });
      const catalog = await lab.fronts('catalog', { react: () => playFor('read') });
      const users = await lab.fronts('users', { react: () => playFor('write') });
      const env = { ...addresses('catalog', catalog.urls), ...addresses('users', users.urls) };
      const server = await lab.start({ ...uncached, env });
      async function leave(query: string, sent: () => boolean): Promise<void> {
        const client = new AbortController();
        const answer = fetch(`${server.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${lab.token}` },
          body: JSON.stringify({ query }),
          signal: client.signal,
        }).catch(() => undefined);
        await until(sent);
        if (!lab.isOff) client.abort();
        await answer;
      }
      const { ms } = await timed(async () => {
        await leave('{ product(id: "product-22") { id } }', () => catalog.requests.length > 0);
        await until(() => ends['read'] !== undefined);
      });
      const rename = 'mutation { updateProfile(input: { name: "Ann" }) { viewer { name } } }';
      await leave(rename, () => users.requests.length > 0);
      await until(() => ends['write'] !== undefined);
      return { abortedMs: ms, readEndedBy: ends['read'] ?? '', writeEndedBy: ends['write'] ?? '' };
    },
  },
  {
    id: 'F84',
    fault: "a resolver's stray rejection",
    promise: 'masked and logged; the process lives',
    expected: { others: 'none', isLogged: true, isRunning: true },
    off: { name: "Node's --unhandled-rejections=strict", options: {} },
    async meet(lab) {
      const node = lab.isOff ? { NODE_OPTIONS: '--unhandled-rejections=strict' } : {};
      const server = await startChildServer(lab, { LOG_LEVEL: 'info', ...node }, './stray-server.ts');
      const isLogged = await until(() => server.lines.some((line) => line.includes('a stray rejection')));
      const outcomes = new Map<string, number>();
      for (let i = 0; i < 20; i += 1) {
        const answer = askGraphql(`${server.url}/graphql`, productQuery, { token: lab.token });
        const outcome = await answer.then(outcomeOf, () => 'no answer');
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      const isRunning = await Promise.race([server.exited.then(() => false), pause(500).then(() => true)]);
      return { others: others(outcomes), isLogged, isRunning };
    },
  },
  {
    id: 'F85',
    fault: 'trace or metric exporter down',
    promise: 'nothing',
    expected: { refused: 'none', hanging: 'none' },
    off: { rule: 'spans leave in the background, from a queue of at most 2048, and no request waits for one' },
    async meet(lab) {
      const hole = createServer(() => undefined).listen(0, '127.0.0.1');
      await new Promise((resolve) => hole.once('listening', resolve));
      lab.defer(() => {
        hole.closeAllConnections();
        hole.close();
      });
      const hanging = `http://127.0.0.1:${(hole.address() as AddressInfo).port}/v1/traces`;
      const seen: string[] = [];
      for (const url of ['http://127.0.0.1:1/v1/traces', hanging]) {
        const server = await lab.start({ ...uncached, env: { OTLP_URL: url, TRACE_SAMPLE_PERCENT: '100' } });
        seen.push(others(await askMany(server, 40, { ask: { token: lab.token }, atOnce: 2 })));
      }
      return { refused: seen[0] ?? '', hanging: seen[1] ?? '' };
    },
  },
  {
    id: 'F87',
    fault: 'JWKS down: known kid / new kid',
    promise: 'works / 401; <= 1 fetch in 30 s',
    expected: { known: 'none', unknown: 20, fetches: atMost(1) },
    off: { name: 'jwksCooldownMs: 0', options: { jwksCooldownMs: 0 } },
    async meet(lab) {
      let fetches = 0;
      let isDown = false;
      const keys = await (await fetch(lab.shop.jwksUrl)).text();
      const identity = createServer((_request, response) => {
        fetches += 1;
        response.writeHead(isDown ? 503 : 200, { 'content-type': 'application/json' }).end(isDown ? '{}' : keys);
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => identity.once('listening', resolve));
      lab.defer(() => {
        identity.closeAllConnections();
        identity.close();
      });
      const jwksUrl = `http://127.0.0.1:${(identity.address() as AddressInfo).port}/jwks.json`;
      const server = await lab.start({ ...uncached, env: { JWKS_URL: jwksUrl } });
      await server.ask(productQuery, { token: lab.token });
      isDown = true;
      fetches = 0;
      const known: string[] = [];
      let unknown = 0;
      for (let i = 0; i < 20; i += 1) {
        const own = await lab.shop.token(`user-${i + 1}`);
        known.push(others(await askMany(server, 1, { ask: { token: own } })));
        const foreign = await lab.shop.token('user-1', { header: { kid: `other-${i}` } });
        const { status } = await server.ask(productQuery, { token: foreign });
        if (status === 401) unknown += 1;
      }
      return { known: known.find((outcome) => outcome !== 'none') ?? 'none', unknown, fetches };
    },
  },
];
