import { type Calls, createCalls } from './calls.ts';
import { createControlService, type FaultTarget } from './control.ts';
import { createFaults, type Faults } from './faults.ts';
import { audience, createTokenVerifier, issuer, mintServiceToken, mintToken, type TokenOptions } from './identity.ts';
import { createMediaService } from './media/service.ts';
import { createAnalyticsService } from './services/analytics/service.ts';
import { createCatalogService } from './services/catalog/service.ts';
import { type Instance, type InstanceOptions, startInstance } from './services/http-server.ts';
import { createNotificationsService } from './services/notifications/service.ts';
import { createOrdersService } from './services/orders/service.ts';
import { createRecommendationsService } from './services/recommendations/service.ts';
import { routeKey } from './services/routing.ts';
import type { Service } from './services/service.ts';
import { createUsersService } from './services/users/service.ts';
import { defaultCacheDir, defaultPortBase } from './settings.ts';
import { startOfDay } from './world/time.ts';
import { createWorld } from './world/world.ts';

export const serviceNames = ['users', 'catalog', 'recommendations', 'orders', 'analytics', 'notifications'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Not 90: browsers open no connection to port 4190, which the Fetch standard's list of bad ports has for a mail protocol. */
const mediaOffset = 80;

export interface ShopOptions {
  seed?: number;
  /** The end of the seeded history, from which the shop's clock goes on; today at 00:00 UTC and the real clock where not given. */
  now?: Date | undefined;
  /** Of each service, 1 to 9; 2 where not given. */
  instances?: number;
  /** Fixed (base 4100): control at the base, instances from 10 above it, pictures 80 above it. Any free port where not given. */
  ports?: 'ephemeral' | 'fixed' | { base: number };
  cacheDir?: string;
  log?: (line: string) => void;
}

export interface Shop {
  controlUrl: string;
  /** The addresses of all instances, by service. */
  services: Record<ServiceName, string[]>;
  mediaUrl: string;
  jwksUrl: string;
  issuer: string;
  audience: string;
  token(userId: string, options?: TokenOptions): Promise<string>;
  serviceToken(name: string, options?: TokenOptions): Promise<string>;
  /** The same as the control server's, without the way over HTTP. */
  calls: Calls;
  faults: Faults;
  /** Cuts what still hangs; done within a second. */
  close(): Promise<void>;
}

interface Running {
  service: Service;
  instances: Instance[];
}

function createClock(fixed: Date | undefined): () => Date {
  if (!fixed) return () => new Date();
  const startedAtMs = performance.now();
  return () => new Date(fixed.getTime() + Math.floor(performance.now() - startedAtMs));
}

/** Opens the whole shop: six services, the picture store and the control server. @throws PortInUseError */
export async function startShop(options: ShopOptions = {}): Promise<Shop> {
  const { seed = 1, instances = 2, ports = 'ephemeral', log = () => undefined } = options;
  const now = createClock(options.now);
  const world = createWorld(seed, options.now ?? startOfDay(new Date()));
  const calls = createCalls([...serviceNames, 'media']);
  const faults = createFaults({ seed, monotonicMs: () => performance.now() });
  const verify = createTokenVerifier();
  const running: Running[] = [];

  const observed = { verify, log, countCall: calls.count, decideFault: faults.decide };

  function portAt(offset: number): number {
    if (ports === 'ephemeral') return 0;
    return (ports === 'fixed' ? defaultPortBase : ports.base) + offset;
  }

  async function close(): Promise<void> {
    await Promise.all(running.flatMap(({ instances: started }) => started.map((instance) => instance.close())));
    for (const { service } of running) service.close();
  }

  async function open(service: Service, listeners: readonly InstanceOptions[]): Promise<string[]> {
    const started: Instance[] = [];
    running.push({ service, instances: started });
    for (const listener of listeners) started.push(await startInstance(service, listener));
    return started.map((instance) => instance.url);
  }

  async function openService(name: ServiceName, service: Service): Promise<string[]> {
    const first = 10 * (serviceNames.indexOf(name) + 1);
    const listeners = Array.from({ length: instances }, (_, index) => ({
      id: `${name}-${index + 1}`,
      port: portAt(first + index),
      ...observed,
    }));
    return await open(service, listeners);
  }

  function targets(): FaultTarget[] {
    return [...serviceNames, 'media']
      .flatMap((name) => running.find(({ service }) => service.name === name) ?? [])
      .map(({ service, instances: started }) => ({
        name: service.name,
        instances: started.map(({ id, url }) => ({ id, url })),
        routes: [...service.routes.map(routeKey), 'GET /health', 'GET /openapi.json'],
      }));
  }

  try {
    const pictures = { photos: world.photographs, avatars: world.avatars };
    const media = createMediaService(pictures, { cacheDir: options.cacheDir ?? defaultCacheDir(), log });
    const [mediaUrl = ''] = await open(media, [{ id: 'media-1', port: portAt(mediaOffset), ...observed }]);
    const shared = { mediaUrl, now };
    const catalog = await openService('catalog', createCatalogService(world, shared));
    const orders = createOrdersService(world.orders, {
      now,
      catalogUrls: catalog,
      serviceToken: () => mintServiceToken('orders'),
    });
    const services: Record<ServiceName, string[]> = {
      users: await openService('users', createUsersService(world.users, shared)),
      catalog,
      recommendations: await openService('recommendations', createRecommendationsService(world, shared)),
      orders: await openService('orders', orders),
      analytics: await openService('analytics', createAnalyticsService(world, shared)),
      notifications: await openService('notifications', createNotificationsService(world.notifications, shared)),
    };
    const control = createControlService({ calls, faults, targets, mediaUrl: () => mediaUrl });
    const [controlUrl = ''] = await open(control, [{ id: 'control', port: portAt(0), verify, log }]);
    return {
      controlUrl,
      services,
      mediaUrl,
      jwksUrl: `${controlUrl}/.well-known/jwks.json`,
      issuer,
      audience,
      token: mintToken,
      serviceToken: mintServiceToken,
      calls,
      faults,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
