import type { startMobileServer } from '../../bffs/mobile/server.ts';
import type { startWebServer } from '../../bffs/web/server.ts';
import { loadConfig } from '../../shared/config/config.ts';
import { runProcess } from '../../shared/server/process.ts';
import type { RuntimeOverrides } from '../../shared/server/runtime.ts';
import { createBareEdge } from './bare-edge.ts';

/** Which server, from where, and what of its policy is another than in production. */
export interface OursEnvironment {
  readonly client: 'mobile' | 'web';
  /** The URL of `bffs/<client>/server`, of the sources or as it was built. */
  readonly server: string;
  readonly cache: NonNullable<RuntimeOverrides['cache']>;
  readonly hasEdge: boolean;
}

/** As `bffs/<client>/main.ts`, but with policies that no setting changes: what is kept and what is joined. */
const { client, server, cache, hasEdge } = JSON.parse(process.env['OURS'] ?? '{}') as OursEnvironment;

/** A service's bulkhead would turn some of 256 callers at once away, whom the peers let wait. */
const policy = { maxInFlight: 1000 };

const overrides: RuntimeOverrides = { cache, policy, ...(hasEdge ? {} : { createHttp: createBareEdge }) };

if (client === 'mobile') {
  const { startMobileServer: start } = (await import(server)) as { startMobileServer: typeof startMobileServer };
  await runProcess(() => start(loadConfig(process.env, { hasImages: true }), overrides));
} else {
  const { startWebServer: start } = (await import(server)) as { startWebServer: typeof startWebServer };
  await runProcess(() => start(loadConfig(process.env), overrides));
}
