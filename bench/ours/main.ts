import type { startMobileServer } from '../../bffs/mobile/server.ts';
import type { startWebServer } from '../../bffs/web/server.ts';
import type { loadConfig } from '../../shared/config/config.ts';
import type { runProcess } from '../../shared/server/process.ts';
import type { RuntimeOverrides } from '../../shared/server/runtime.ts';
import { createBareEdge } from './bare-edge.ts';

/** Which server, from where, and what of its policy is another than in production. */
export interface OursEnvironment {
  /** The tree that it runs from, sources or `dist`, as a URL that ends in `/`. */
  readonly root: string;
  readonly extension: 'ts' | 'js';
  readonly client: 'mobile' | 'web';
  readonly cache: NonNullable<RuntimeOverrides['cache']>;
  readonly hasEdge: boolean;
}

/** As `bffs/<client>/main.ts`, but with policies that no setting changes: what is kept and what is joined. */
const { root, extension, client, cache, hasEdge } = JSON.parse(process.env['OURS'] ?? '{}') as OursEnvironment;

/** A service's bulkhead would turn some of 256 callers at once away, whom the peers let wait. */
const policy = { maxInFlight: 1000 };

const overrides: RuntimeOverrides = { cache, policy, ...(hasEdge ? {} : { createHttp: createBareEdge }) };

async function load<T>(path: string): Promise<T> {
  return (await import(`${root}${path}.${extension}`)) as T;
}

const { loadConfig: readConfig } = await load<{ loadConfig: typeof loadConfig }>('shared/config/config');
const { runProcess: run } = await load<{ runProcess: typeof runProcess }>('shared/server/process');

if (client === 'mobile') {
  const { startMobileServer: start } = await load<{ startMobileServer: typeof startMobileServer }>(
    'bffs/mobile/server',
  );
  await run(() => start(readConfig(process.env, { hasImages: true }), overrides));
} else {
  const { startWebServer: start } = await load<{ startWebServer: typeof startWebServer }>('bffs/web/server');
  await run(() => start(readConfig(process.env), overrides));
}
