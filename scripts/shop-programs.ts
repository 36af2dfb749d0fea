import { mintServiceToken } from '../demo/identity.ts';
import type { ProgramSpec } from './supervisor.ts';

/** Where the demo listens; each can be moved by the variable of the same line. */
export interface ShopPorts {
  readonly shop: number;
  readonly mobile: number;
  readonly web: number;
  /** Of the process that makes the phone's pictures. */
  readonly images: number;
}

export type ProgramName = Exclude<keyof ShopPorts, 'images'>;

/** The variable that moves a port, and where it is without it. The shop's services follow its own port, within the next 80. */
export const portSettings: Readonly<Record<keyof ShopPorts, { readonly variable: string; readonly port: number }>> = {
  shop: { variable: 'DEMO_PORT_BASE', port: 4100 },
  mobile: { variable: 'MOBILE_PORT', port: 4001 },
  web: { variable: 'WEB_PORT', port: 4002 },
  images: { variable: 'IMAGE_PORT', port: 4003 },
};

/** How long a breaker stays open in the demo: long enough to be seen, short enough to be waited for. In production it is 60 s. */
export const demoBreakerOpenSeconds = 5;

/** How long anything is fresh in the demo at most, so that a fault shows soon. In production it is as each read declares, up to 5 min. */
export const demoFreshSeconds = 2;

/** How one of the three is run. The servers are told where the shop's services are, so the shop must be running by then. */
export async function createProgram(name: ProgramName, ports: ShopPorts): Promise<ProgramSpec> {
  const shopUrl = `http://127.0.0.1:${ports.shop}`;
  if (name === 'shop') {
    return {
      name,
      script: 'demo/main.ts',
      env: { DEMO_PORT_BASE: String(ports.shop) },
      isQuiet: true,
      readyUrl: `${shopUrl}/services`,
    };
  }
  return {
    name,
    script: `bffs/${name}/main.ts`,
    env: {
      // A terminal shows what needs a person; `LOG_LEVEL=info npm start` shows the rest.
      LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
      ...(await readShopSettings(shopUrl)),
      IMAGE_PORT: String(ports.images),
      JWKS_URL: `${shopUrl}/.well-known/jwks.json`,
      SERVICE_TOKEN: await mintServiceToken('bff'),
      BREAKER_OPEN_MS: String(demoBreakerOpenSeconds * 1000),
      CACHE_MAX_FRESH_MS: String(demoFreshSeconds * 1000),
      ADMIN_PORT: '0',
      PORT: String(ports[name]),
    },
    readyUrl: `http://127.0.0.1:${ports[name]}/health/ready`,
  };
}

interface ShopAddresses {
  readonly services: ReadonlyArray<{
    readonly name: string;
    readonly instances: ReadonlyArray<{ readonly url: string }>;
  }>;
  readonly media: { readonly url: string };
}

/** Where the shop's services are, and that its pictures may be made smaller. */
async function readShopSettings(shopUrl: string): Promise<Record<string, string>> {
  const response = await fetch(`${shopUrl}/services`).catch((cause: unknown) => {
    throw new Error(`The shop does not answer at ${shopUrl}.`, { cause });
  });
  const { services, media } = (await response.json()) as ShopAddresses;
  const settings: Record<string, string> = { IMAGE_PRIVATE_ORIGINS: new URL(media.url).origin };
  for (const { name, instances } of services) {
    settings[`${name.toUpperCase()}_URLS`] = instances.map(({ url }) => url).join(',');
  }
  return settings;
}
