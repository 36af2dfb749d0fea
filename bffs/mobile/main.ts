import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';

// Before anything else is loaded: the next start has nothing to compile.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compiled'));

const { loadConfig } = await import('../../shared/config/config.ts');
const { runProcess } = await import('../../shared/server/process.ts');
const { startMobileServer } = await import('./server.ts');

await runProcess(() => startMobileServer(loadConfig(process.env, { port: 4001, adminPort: 4011, hasImages: true })));
// Now, because a process that is killed writes nothing at its end.
flushCompileCache();
