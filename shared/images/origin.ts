import { promises as dns, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, errors } from 'undici';
import { AppError } from '../errors.ts';
import { unreadableOriginal } from './image-failure.ts';
import type { ImageLimits } from './image-settings.ts';
import type { AllowedOriginal } from './origin-list.ts';

export interface Origin {
  /**
   * Downloads an original.
   *
   * @throws AppError NOT_FOUND - it is not there, moved, or its name leads to an address that no origin may have.
   * @throws AppError DOWNSTREAM_BAD_RESPONSE - it is too large or encoded.
   * @throws AppError DOWNSTREAM_TIMEOUT, DOWNSTREAM_UNAVAILABLE - the origin did not deliver.
   */
  download(original: AllowedOriginal, signal: AbortSignal): Promise<Buffer>;
  close(): Promise<void>;
}

export interface OriginOptions
  extends Pick<ImageLimits, 'connectTimeoutMs' | 'downloadTimeoutMs' | 'maxOriginalBytes' | 'maxJobs'> {
  /** The addresses behind a name; the system's resolver by default. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
}

/** Downloads originals over connections whose address was checked: the address that is connected to is the one that was looked at. */
export function createOrigin(options: OriginOptions): Origin {
  const resolve = joinLookups(options.resolve ?? ((hostname: string) => dns.lookup(hostname, { all: true })));
  // One agent a rule: a kept connection must not serve a source with a stricter one.
  const agents = new Map<AllowedOriginal['isAllowedAddress'], Agent>();

  function agentFor({ isAllowedAddress }: AllowedOriginal): Agent {
    const known = agents.get(isAllowedAddress);
    if (known !== undefined) return known;
    const agent = new Agent({
      connections: options.maxJobs,
      pipelining: 1,
      connect: {
        timeout: options.connectTimeoutMs,
        allowH2: false,
        lookup: checkedLookup(resolve, isAllowedAddress),
      },
    });
    agents.set(isAllowedAddress, agent);
    return agent;
  }

  async function request(original: AllowedOriginal, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const ask = () =>
      agentFor(original).request({
        origin: original.origin,
        path: original.path,
        method: 'GET',
        headers: { accept: 'image/*', 'user-agent': 'shop-bff-images' },
        signal,
      });
    try {
      return await ask();
    } catch (error) {
      // A kept connection that the origin closed as we took it up; nothing was answered, and a GET may be sent again.
      if (error instanceof errors.SocketError) return await ask();
      throw error;
    }
  }

  return {
    async download(original, signal) {
      // A total cap: an idle timeout alone lets one byte a second go on for weeks.
      const timeout = AbortSignal.timeout(options.downloadTimeoutMs);
      try {
        const response = await request(original, AbortSignal.any([signal, timeout]));
        return await readOriginal(response, options.maxOriginalBytes);
      } catch (error) {
        signal.throwIfAborted();
        throw asOriginFailure(error, timeout);
      }
    },

    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

type Resolve = NonNullable<OriginOptions['resolve']>;

/**
 * One lookup of a name at a time. The system's holds a thread, until it gives up after half a minute, and libuv lends half of
 * its threads to lookups: three connections to a name that nobody answers for would keep every other name waiting.
 */
function joinLookups(resolve: Resolve): Resolve {
  const underWay = new Map<string, ReturnType<Resolve>>();
  return (hostname) => {
    const known = underWay.get(hostname);
    if (known !== undefined) return known;
    const started = resolve(hostname).finally(() => underWay.delete(hostname));
    underWay.set(hostname, started);
    return started;
  };
}

function checkedLookup(resolve: Resolve, isAllowedAddress: AllowedOriginal['isAllowedAddress']): LookupFunction {
  return (hostname, lookupOptions, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        // One forbidden address condemns the name: which one is tried first is not ours to say.
        if (first === undefined || addresses.some(({ address }) => !isAllowedAddress(address))) {
          callback(new AppError('NOT_FOUND', `${hostname} leads to an address that no origin may have`), '', 0);
        } else if (lookupOptions.all === true) {
          callback(null, [...addresses]);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

async function readOriginal(response: Dispatcher.ResponseData, maxBytes: number): Promise<Buffer> {
  const { statusCode, headers, body } = response;
  try {
    if (statusCode !== 200) throw statusFailure(statusCode);
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw unreadableOriginal('the original is encoded');
    const length = Number(headers['content-length'] ?? Number.NaN);
    if (length > maxBytes) throw unreadableOriginal('the original says it is too large');
    return await collect(body, { length, maxBytes });
  } finally {
    // Ends the connection where the body was not read to its end.
    body.on('error', () => {}).destroy();
  }
}

/** Straight into their place where the length is known: joining chunks holds an original twice. */
async function collect(
  body: AsyncIterable<Buffer>,
  { length, maxBytes }: { readonly length: number; readonly maxBytes: number },
): Promise<Buffer> {
  const place = Number.isInteger(length) ? Buffer.allocUnsafeSlow(length) : null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    // undici fails a body that is longer or shorter than it said.
    place?.set(chunk, bytes);
    if (place === null) chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) throw unreadableOriginal('the original is too large');
  }
  return place ?? Buffer.concat(chunks, bytes);
}

function statusFailure(status: number): AppError {
  if (status >= 500 || status === 429) {
    return new AppError('DOWNSTREAM_UNAVAILABLE', `the origin answered ${status}`, { status });
  }
  // 3xx too: where a redirect leads is the origin's choice, and was not checked.
  return new AppError('NOT_FOUND', `the origin answered ${status}`, { status });
}

function asOriginFailure(error: unknown, timeout: AbortSignal): AppError {
  if (error instanceof AppError) return error;
  if (timeout.aborted || error instanceof errors.ConnectTimeoutError) {
    return new AppError('DOWNSTREAM_TIMEOUT', 'the origin did not deliver in time', { cause: error });
  }
  return new AppError('DOWNSTREAM_UNAVAILABLE', 'the origin could not be read', { cause: error });
}
