import { runCodegen } from './codegen-run.ts';
import { describeDemo } from './demo-guide.ts';
import { waitForEndNotice } from './end-notice.ts';
import { choosePorts } from './ports.ts';
import { planRestart, type RestartPlan } from './restart-plan.ts';
import { createProgram, type ProgramName } from './shop-programs.ts';
import { Supervisor } from './supervisor.ts';
import { watchFolders } from './watch.ts';

const order: readonly ProgramName[] = ['shop', 'mobile', 'web'];

/** The shop and both servers, started again after each change of what they are made of; codegen first where it is due. */
async function dev(): Promise<number> {
  const { ports, problems } = await choosePorts(process.env);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    return 1;
  }
  let isEnding = false;
  const complain = (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (!isEnding) console.error(`${message} It is started again after the next change.`);
  };
  const supervisor = new Supervisor({
    onLine: (name, line) => console.error(`[${name}] ${line}`),
    onDeath: complain,
  });

  async function apply({ needsCodegen, programs: changed }: RestartPlan): Promise<void> {
    if (needsCodegen) {
      const failure = await runCodegen('.');
      if (failure !== null) {
        console.error(`[codegen] ${failure}`);
        return;
      }
    }
    const names = order.filter((name) => changed.has(name));
    const startedMs = performance.now();
    await supervisor.end(names);
    const started: string[] = [];
    for (const name of names) {
      try {
        await supervisor.start(await createProgram(name, ports));
        started.push(name);
      } catch (error) {
        complain(error);
      }
    }
    const tookMs = Math.round(performance.now() - startedMs);
    if (started.length > 0) console.log(`Started ${started.join(', ')} (${tookMs} ms).`);
  }

  const told = waitForEndNotice();
  // One after the other: what changes while programs start is a change of its own.
  let work = apply({ needsCodegen: true, programs: new Set(order) }).then(async () =>
    console.log(await describeDemo(ports)),
  );
  const watch = watchFolders(['bffs', 'demo', 'schema', 'shared'], (paths) => {
    const plan = planRestart(paths);
    if (plan.needsCodegen || plan.programs.size > 0) work = work.then(() => apply(plan));
  });
  try {
    await told;
    return 0;
  } finally {
    isEnding = true;
    watch.close();
    await supervisor.end();
  }
}

process.exit(await dev());
