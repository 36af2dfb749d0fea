import { startMobileServer } from '../../bffs/mobile/server.ts';
import { startWebServer } from '../../bffs/web/server.ts';
import type { FaultRule } from '../../demo/faults.ts';
import { type ServiceName, type Shop, startShop } from '../../demo/shop.ts';
import { loadConfig } from '../../shared/config/config.ts';
import type { ServiceSnapshot } from '../../shared/downstream/service-stats.ts';
import type { RuntimeOverrides } from '../../shared/server/runtime.ts';
import { type AskOptions, askGraphql, type GraphqlAnswer } from '../../test/support/stack.ts';
import { startTcpProxy, type TcpProxy } from '../../test/support/tcp-proxy.ts';
import { type FrontOptions, type Fronts, openFronts } from './front.ts';

/** What a row asks of its server; what switches a mechanism off is laid over it. */
export interface StartOptions extends RuntimeOverrides {
  readonly client?: 'web' | 'mobile';
  readonly env?: Readonly<Record<string, string>>;
}

/** A running server of ours. */
export interface ServerUnderFault {
  readonly url: string;
  readonly adminUrl: string;
  ask(query: string, options?: AskOptions): Promise<GraphqlAnswer>;
  /** What `GET /health` says of a service. */
  service(name: ServiceName): Promise<ServiceSnapshot>;
  close(): Promise<void>;
}

/** Where one run of one fault happens: a shop of three instances a service, and what the row puts between. All of it ends with `close`. */
export interface Lab {
  readonly shop: Shop;
  /** The token of `user-1`. */
  readonly token: string;
  readonly isOff: boolean;
  /** How many: as many as §2 says in `npm run faults`, fewer in `npm test`. */
  count(of: { readonly short: number; readonly full: number }): number;
  start(options?: StartOptions): Promise<ServerUnderFault>;
  fault(service: ServiceName, rule: FaultRule): void;
  mend(): void;
  /** How many requests a service has had since the run began. */
  calls(service: ServiceName): number;
  /** The same of one instance, from 1. */
  callsOf(service: ServiceName, instance: number): number;
  fronts(service: ServiceName, options?: FrontOptions): Promise<Fronts>;
  proxies(service: ServiceName): Promise<TcpProxy[]>;
  /** Runs at the end. */
  defer(close: () => unknown): void;
  close(): Promise<void>;
}

/** A row that is about calls sees each of them: nothing is kept, and nothing waits longer than it must. */
export const uncached: StartOptions = {
  cache: { isCaching: false, isJoining: false },
  policy: { healthCheckIntervalMs: 0, backoffBaseMs: 10 },
};

/** The shop that all rows share; each of them leaves it as it was. */
export function openShop(): Promise<Shop> {
  return startShop({ seed: 1, now: new Date('2026-11-01T00:00:00.000Z'), instances: 3, ports: 'ephemeral' });
}

/** The addresses of instances, as a server's settings name them. */
export function addresses(service: ServiceName, urls: readonly string[]): Readonly<Record<string, string>> {
  return { [`${service.toUpperCase()}_URLS`]: urls.join(',') };
}

export function portUrls(proxies: readonly TcpProxy[]): string[] {
  return proxies.map(({ port }) => `http://127.0.0.1:${port}`);
}

/** The settings of a server that stands before this shop. */
export async function shopSettings(shop: Shop): Promise<Record<string, string>> {
  const env: Record<string, string> = {
    NODE_ENV: 'test',
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'silent',
    // The shop, the server and the client share one busy event loop: that is no load to be shed.
    SHED_UTILISATION_PERCENT: '100',
    SHED_EVENT_LOOP_DELAY_MS: '60000',
    RATE_LIMIT_VIEWER_POINTS: '1000000000',
    RATE_LIMIT_ADDRESS_POINTS: '1000000000',
    IMAGE_PROCESS: 'elsewhere',
    IMAGE_BASE_URL: 'http://pictures.test',
    JWKS_URL: shop.jwksUrl,
    JWT_ISSUER: shop.issuer,
    JWT_AUDIENCE: shop.audience,
    SERVICE_TOKEN: await shop.serviceToken('bff'),
  };
  for (const [service, urls] of Object.entries(shop.services)) env[`${service.toUpperCase()}_URLS`] = urls.join(',');
  return env;
}

export interface LabOptions {
  /** Laid over every server that is started. */
  readonly off?: StartOptions | undefined;
  readonly isFull?: boolean;
}

/** Opens a lab for one run. */
export async function openLab(shop: Shop, options: LabOptions = {}): Promise<Lab> {
  const { off = {}, isFull = false } = options;
  const endings: (() => unknown)[] = [];
  const settings = await shopSettings(shop);
  shop.faults.clear();
  shop.calls.clear();

  return {
    shop,
    token: await shop.token('user-1'),
    isOff: options.off !== undefined,
    count: ({ short, full }) => (isFull ? full : short),
    async start(wanted = {}) {
      const config = loadConfig({ ...settings, ...wanted.env, ...off.env }, { hasImages: wanted.client === 'mobile' });
      const overrides: RuntimeOverrides = {
        ...wanted,
        ...off,
        policy: { ...wanted.policy, ...off.policy },
        cache: { ...wanted.cache, ...off.cache },
      };
      const running = await (wanted.client === 'mobile' ? startMobileServer : startWebServer)(config, overrides);
      let isClosed = false;
      const close = async (): Promise<void> => {
        if (!isClosed) await running.close('now');
        isClosed = true;
      };
      endings.push(close);
      return {
        ...running,
        ask: (query, ask) => askGraphql(`${running.url}/graphql`, query, ask),
        async service(name) {
          const response = await fetch(`${running.adminUrl}/health`);
          const { services } = (await response.json()) as { services: ServiceSnapshot[] };
          const found = services.find(({ service }) => service === name);
          if (found === undefined) throw new Error(`The server knows no service ${name}.`);
          return found;
        },
        close,
      };
    },
    fault: (service, rule) => void shop.faults.put(service, rule),
    mend: () => shop.faults.clear(),
    calls: (service) => shop.calls.report().services[service]?.total ?? 0,
    callsOf: (service, instance) => shop.calls.report().services[service]?.instances[`${service}-${instance}`] ?? 0,
    async fronts(service, frontOptions) {
      const fronts = await openFronts(shop.services[service], frontOptions);
      endings.push(() => fronts.close());
      return fronts;
    },
    async proxies(service) {
      const proxies = await Promise.all(shop.services[service].map((url) => startTcpProxy(Number(new URL(url).port))));
      endings.push(() => Promise.all(proxies.map((proxy) => proxy.close())));
      return proxies;
    },
    defer: (close) => void endings.push(close),
    async close() {
      shop.faults.clear();
      for (const close of endings.toReversed()) await close();
    },
  };
}
