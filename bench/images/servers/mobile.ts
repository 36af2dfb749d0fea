// The phone's server with its image process, and how late its event loop runs.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startMobileServer } from '../../../bffs/mobile/server.ts';
import { loadConfig } from '../../../shared/config/config.ts';
import { serveMeasured } from './measured.ts';

export type MobileTask = 'start' | 'p99';

serveMeasured<MobileTask>(async (env: Record<string, string>) => {
  const mobile = await startMobileServer(loadConfig(env, { hasImages: true }));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  return {
    port: Number(new URL(mobile.url).port),
    async run(task) {
      if (task === 'start') {
        delay.reset();
        delay.enable();
        return null;
      }
      delay.disable();
      return delay.percentile(99) / 1e6;
    },
  };
});
