import { type AdminOptions, addAdminRoutes } from './admin-routes.ts';
import { createCorsPolicy } from './cors.ts';
import { createListener, openPort } from './listener.ts';
import { createResponder } from './responder.ts';
import { addHealthRoutes, type Readiness } from './service-routes.ts';

export interface AdminServerOptions extends AdminOptions {
  /** Loopback unless a setting says otherwise: who reaches this port can switch services off. */
  readonly host: string;
  readonly port: number;
  readonly readiness: Readiness;
  /** Whether the public listener is shutting down. */
  readonly isClosing: () => boolean;
}

/** The operators' listener; it stays open until the public one has drained. */
export function createAdminServer(options: AdminServerOptions): {
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  close(): Promise<void>;
} {
  const responder = createResponder({
    cors: createCorsPolicy([]),
    isClosing: options.isClosing,
    onRefused: () => {},
  });
  const app = createListener(responder);
  const site = { app, responder };
  addHealthRoutes(site, options);
  addAdminRoutes(site, options);
  return {
    listen: () => openPort(app, options.host, options.port),
    async close() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}
