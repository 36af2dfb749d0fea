import { startMobileServer } from '../../bffs/mobile/server.ts';
import { startWebServer } from '../../bffs/web/server.ts';
import { startShop } from '../../demo/shop.ts';
import { loadConfig } from '../../shared/config/config.ts';

export interface StackOptions {
  readonly seed?: number;
  readonly instances?: number;
  /** Laid over the settings of both servers. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes the log lines of both servers, which are silent otherwise. */
  readonly logLines?: string[];
}

export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Headers;
  // What comes back is what a test asserts on, field by field.
  readonly body: {
    // oxlint-disable-next-line typescript/no-explicit-any -- an answer has the shape of its query
    readonly data?: any;
    readonly errors?: readonly GraphqlErrorBody[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  };
}

export interface GraphqlErrorBody {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface AskOptions {
  readonly token?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Stack = Awaited<ReturnType<typeof startStack>>;

/** The first instant that the tests' shop has not seen yet. */
export const demoNow = new Date('2026-11-01T00:00:00.000Z');

/** The demo shop and both servers, all real, in this process, on free ports. */
export async function startStack(options: StackOptions = {}) {
  const shop = await startShop({
    seed: options.seed ?? 1,
    now: demoNow,
    instances: options.instances ?? 1,
    ports: 'ephemeral',
  });
  const env: Record<string, string> = {
    NODE_ENV: 'test',
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: options.logLines === undefined ? 'silent' : 'info',
    // The shop, both servers and the test share one busy event loop: that is no load to be shed.
    SHED_UTILISATION_PERCENT: '100',
    SHED_EVENT_LOOP_DELAY_MS: '60000',
    // Most tests look at no picture: their addresses are signed, and no process makes them.
    IMAGE_PROCESS: 'elsewhere',
    IMAGE_BASE_URL: 'http://pictures.test',
    JWKS_URL: shop.jwksUrl,
    JWT_ISSUER: shop.issuer,
    JWT_AUDIENCE: shop.audience,
    SERVICE_TOKEN: await shop.serviceToken('bff'),
    ...options.env,
  };
  for (const [service, urls] of Object.entries(shop.services)) env[`${service.toUpperCase()}_URLS`] = urls.join(',');
  const { logLines } = options;
  const overrides =
    logLines === undefined ? {} : { logDestination: { write: (line: string) => void logLines.push(line) } };
  const mobile = await startMobileServer(loadConfig(env, { hasImages: true }), overrides);
  const web = await startWebServer(loadConfig(env), overrides);

  return {
    shop,
    /** The settings of both servers; a third client's is started with them too. */
    env,
    mobileUrl: mobile.url,
    mobileAdminUrl: mobile.adminUrl,
    webUrl: web.url,
    askMobile: (query: string, ask?: AskOptions) => askGraphql(`${mobile.url}/graphql`, query, ask),
    askWeb: (query: string, ask?: AskOptions) => askGraphql(`${web.url}/graphql`, query, ask),
    /** The requests that the services have served since `forgetCalls`. */
    async calls(): Promise<{
      total: number;
      services: Record<string, { total: number; routes: Record<string, number> }>;
    }> {
      const response = await fetch(`${shop.controlUrl}/calls`);
      return (await response.json()) as Awaited<ReturnType<Stack['calls']>>;
    },
    async forgetCalls(): Promise<void> {
      await fetch(`${shop.controlUrl}/calls`, { method: 'DELETE' });
    },
    async fault(service: string, fault: Readonly<Record<string, unknown>>): Promise<void> {
      const response = await fetch(`${shop.controlUrl}/faults/${service}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fault),
      });
      if (!response.ok) throw new Error(`The shop refused the fault: ${await response.text()}`);
    },
    async mend(): Promise<void> {
      await fetch(`${shop.controlUrl}/faults`, { method: 'DELETE' });
    },
    async close(): Promise<void> {
      await Promise.all([mobile.close('now'), web.close('now')]);
      await shop.close();
    },
  };
}

/** Sends one document by POST, as a client does. */
export async function askGraphql(url: string, query: string, ask: AskOptions = {}): Promise<GraphqlAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(ask.token === undefined ? {} : { authorization: `Bearer ${ask.token}` }),
      ...ask.headers,
    },
    body: JSON.stringify({ query, variables: ask.variables }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as GraphqlAnswer['body'] };
}
