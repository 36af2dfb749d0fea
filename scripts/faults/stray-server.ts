import { startWebServer } from '../../bffs/web/server.ts';
import { loadConfig } from '../../shared/config/config.ts';
import { runProcess } from '../../shared/server/process.ts';

/** The web server with a bug: ten times a second something rejects that nobody awaits. */
await runProcess(async () => {
  const server = await startWebServer(loadConfig(process.env));
  setInterval(() => void Promise.reject(new Error('a stray rejection')), 100);
  return server;
});
