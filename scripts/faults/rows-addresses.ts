import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { authority, elsewhere, expired } from '../../test/support/certificates.ts';
import { withinMs } from './bound.ts';
import type { Fault } from './fault.ts';
import { addresses, type Lab, uncached } from './lab.ts';
import { askMany, others, outcomeOf, productQuery, timed } from './outcome.ts';

/** Until the run ends; Node looks at it with each connection, and says so on standard error. */
function trustAnybody(lab: Lab): void {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  lab.defer(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
}

/** F16-F19: names, certificates, and sockets that lie idle. */
export const addressFaults: readonly Fault[] = [
  {
    id: 'F16',
    fault: 'name not found / the look-up hangs',
    promise: 'PARTIAL; within 400 ms / within the connect timeout (here 200 ms)',
    expected: {
      outcome: 'PARTIAL(UNAVAILABLE)',
      ms: withinMs(400),
      hanging: 'PARTIAL(UNAVAILABLE)',
      hangingMs: withinMs(250),
    },
    off: { name: 'connectTimeoutMs: 60000', options: { policy: { connectTimeoutMs: 60_000 } } },
    async meet(lab) {
      const policy = { ...uncached.policy, connectTimeoutMs: 200 };
      const nowhere = await lab.start({ ...uncached, policy, env: { CATALOG_URLS: 'http://nowhere.invalid:4001' } });
      const { result, ms } = await timed(() => nowhere.ask(productQuery, { token: lab.token }));
      const lookup = () => new Promise<never>(() => {});
      const server = await lab.start({ ...uncached, policy, env: { CATALOG_URLS: 'dns://catalog:4001' }, lookup });
      const hanging = await timed(() => server.ask(productQuery, { token: lab.token }));
      return { outcome: outcomeOf(result), ms, hanging: outcomeOf(hanging.result), hangingMs: hanging.ms };
    },
  },
  {
    id: 'F18',
    fault: 'TLS expired or for another name',
    promise: 'PARTIAL(UNAVAILABLE); never plaintext',
    expected: { expired: 'PARTIAL(UNAVAILABLE)', otherName: 'PARTIAL(UNAVAILABLE)', requests: 0 },
    off: { name: "Node's NODE_TLS_REJECT_UNAUTHORIZED=0, with which production does not start", options: {} },
    async meet(lab) {
      if (lab.isOff) trustAnybody(lab);
      const before = getCACertificates('default');
      setDefaultCACertificates([...before, authority]);
      lab.defer(() => setDefaultCACertificates(before));
      const seen: string[] = [];
      let requests = 0;
      for (const certificate of [expired, elsewhere]) {
        const fronts = await lab.fronts('catalog', { certificate });
        const server = await lab.start({ ...uncached, env: addresses('catalog', fronts.urls) });
        seen.push(outcomeOf(await server.ask(productQuery, { token: lab.token })));
        requests += fronts.requests.length;
      }
      return { expired: seen[0] ?? '', otherName: seen[1] ?? '', requests };
    },
  },
  {
    id: 'F19',
    fault: 'idle socket closed by the peer',
    promise: 'success; 0 visible in 10,000 (500 in `npm test`)',
    expected: { others: 'none' },
    off: { name: 'attempts: 1', options: { policy: { attempts: 1 } } },
    async meet(lab) {
      const fronts = await lab.fronts('catalog');
      const server = await lab.start({ ...uncached, env: addresses('catalog', fronts.urls) });
      const cutting = setInterval(() => fronts.closeIdle(0.2), 25);
      lab.defer(() => clearInterval(cutting));
      const requests = lab.count({ short: 500, full: 10_000 });
      const outcomes = await askMany(server, requests, { ask: { token: lab.token }, atOnce: 4 });
      clearInterval(cutting);
      return { requests, others: others(outcomes) };
    },
  },
];
