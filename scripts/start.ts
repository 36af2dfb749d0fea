import { describeDemo } from './demo-guide.ts';
import { waitForEndNotice } from './end-notice.ts';
import { choosePorts } from './ports.ts';
import { createProgram } from './shop-programs.ts';
import { ProgramError, Supervisor } from './supervisor.ts';

/** Starts the shop and both servers, and stays until a signal or a death ends them all. Resolves with the exit code. */
async function start(): Promise<number> {
  const { ports, problems } = await choosePorts(process.env);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    return 1;
  }
  const death = Promise.withResolvers<never>();
  const supervisor = new Supervisor({
    onLine: (name, line) => console.error(`[${name}] ${line}`),
    onDeath: (error) => death.reject(error),
  });
  const told = waitForEndNotice();

  const run = async () => {
    await supervisor.start(await createProgram('shop', ports));
    const servers = (['mobile', 'web'] as const).map((name) => createProgram(name, ports));
    await Promise.all(servers.map(async (server) => supervisor.start(await server)));
    console.log(await describeDemo(ports));
    await death.promise;
  };
  try {
    await Promise.race([run(), told, death.promise]);
    return 0;
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    console.error(`${error.message} Everything else is ended.`);
    return 1;
  } finally {
    await supervisor.end();
  }
}

process.exit(await start());
