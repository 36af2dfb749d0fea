import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { developmentDefaults } from '../../../shared/config/development.ts';
import { type ServicesConfig, serviceNames } from '../../../shared/config/services.ts';
import { requireReachable, type Settings } from '../../../shared/server/reachability.ts';
import { findFreePort } from '../../support/free-port.ts';

const listeners: Server[] = [];

async function listen(): Promise<string> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  listeners.push(server);
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function settingsWith(changes: Partial<ServicesConfig>, jwksUrl?: string): Promise<Settings> {
  const url = await listen();
  const all = serviceNames.map((name) => [name, { kind: 'urls', urls: [url] }] as const);
  return {
    services: { ...(Object.fromEntries(all) as unknown as ServicesConfig), ...changes },
    identity: {
      jwksUrl: jwksUrl ?? url,
      issuer: 'https://id.example',
      audience: 'shop',
      algorithm: 'ES256',
      serviceToken: 'x'.repeat(32),
    },
  };
}

afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close();
});

describe('a server that is started at a terminal', () => {
  it('starts where one instance of each service is there', async () => {
    const nobody = `http://127.0.0.1:${await findFreePort()}`;
    const urls = [nobody, await listen()];
    await expect(requireReachable(await settingsWith({ orders: { kind: 'urls', urls } }))).resolves.toBeUndefined();
  });

  it('names in one line all that nobody answers for, and what to do, and no path or password', async () => {
    const port = await findFreePort();
    const urls = [`http://127.0.0.1:${port}/base`, 'http://no-such-machine.invalid'];
    const settings = await settingsWith({ catalog: { kind: 'urls', urls } }, `http://me:secret@127.0.0.1:${port}/keys`);
    await expect(requireReachable(settings)).rejects.toThrow(
      `nobody answers at CATALOG_URLS (127.0.0.1:${port}, no-such-machine.invalid), JWKS_URL (127.0.0.1:${port}): ` +
        'start what should run there (the demo shop: npm run start:shop), or set where it is.',
    );
  });

  it('starts without a service that nobody has named and the demo shop does not have', async () => {
    const urls = (developmentDefaults['NOTIFICATIONS_URLS'] ?? '').split(',');
    // Where the shop runs on this machine, the service is there all the same.
    await expect(
      requireReachable(await settingsWith({ notifications: { kind: 'urls', urls } })),
    ).resolves.toBeUndefined();
  });

  it('leaves to the discovery what is looked for again and again', async () => {
    const settings = await settingsWith({
      users: { kind: 'registry' },
      orders: { kind: 'dns', url: 'http://no-such-machine.invalid:80' },
    });
    await expect(requireReachable(settings)).resolves.toBeUndefined();
  });
});
