import { loadConfig } from '../../shared/config/config.ts';
import { runProcess } from '../../shared/server/process.ts';
import { startMobileServer } from './server.ts';

await runProcess(() => startMobileServer(loadConfig(process.env, { port: 4001, adminPort: 4011, hasImages: true })));
