import { buildConnector, type Dispatcher, errors, Pool } from 'undici';
import type { InstanceAddress } from './discovery.ts';
import { ListeningTimer, type ListeningTimerDeps } from './listening-timer.ts';
import type { ServicePolicy } from './policy.ts';

/** The connections to one instance. */
export type InstancePool = Pick<Dispatcher, 'dispatch'> & {
  close(): Promise<void>;
  destroy(): Promise<void>;
};

/** As Node's own server: a header block larger than this is refused. */
const maxHeaderBytes = 16_384;

/** Opens the connections to one instance as they are needed; certificates are always verified, and nothing follows a redirect. */
export function openInstancePool(
  address: InstanceAddress,
  policy: ServicePolicy,
  deps: ListeningTimerDeps,
): InstancePool {
  return new Pool(address.origin, {
    connect: createConnector(address, policy, deps),
    keepAliveTimeout: policy.keepAliveMs,
    maxHeaderSize: maxHeaderBytes,
    // One timer of our own spans the whole exchange; undici's are idle timeouts.
    headersTimeout: 0,
    bodyTimeout: 0,
    // With h2 on offer, the pool would hold every request back until the first connection has negotiated.
    allowH2: false,
  });
}

function createConnector(
  { ipAddress }: InstanceAddress,
  { connectTimeoutMs }: ServicePolicy,
  deps: ListeningTimerDeps,
): buildConnector.connector {
  const connect = buildConnector({
    allowH2: false,
    // Undici's timer is up to a second late; here it only clears away the socket that ours has given up.
    timeout: connectTimeoutMs,
    // The name stays in the Host header and in the certificate's check; only where the packets go is pinned.
    ...(ipAddress && {
      lookup: (_hostname, options, done) => {
        if (options.all) done(null, [{ address: ipAddress.address, family: ipAddress.family }]);
        else done(null, ipAddress.address, ipAddress.family);
      },
    }),
  });
  return (options, done) => {
    let isGivenUp = false;
    const timer = new ListeningTimer(deps, connectTimeoutMs, () => {
      isGivenUp = true;
      done(new errors.ConnectTimeoutError('The connection was not made in time.'), null);
    });
    connect(options, (...[error, socket]) => {
      timer.stop();
      if (isGivenUp) socket?.destroy();
      else if (error) done(error, null);
      else if (socket) done(null, socket);
    });
  };
}
