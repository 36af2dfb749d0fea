import { loadConfig } from '../../shared/config/config.ts';
import { runProcess } from '../../shared/server/process.ts';
import { startWebServer } from './server.ts';

await runProcess(() => startWebServer(loadConfig(process.env, { port: 4002, adminPort: 4012 })));
