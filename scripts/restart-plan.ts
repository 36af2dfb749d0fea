import type { ProgramName } from './shop-programs.ts';

/** What a change of the tree asks for. */
export interface RestartPlan {
  readonly needsCodegen: boolean;
  readonly programs: ReadonlySet<ProgramName>;
}

const servers = ['mobile', 'web'] as const;

/** What has to be generated and started again after these files have changed. */
export function planRestart(paths: Iterable<string>): RestartPlan {
  const programs = new Set<ProgramName>();
  let needsCodegen = false;
  for (const path of paths) {
    // Written by codegen itself; what was started again then has it.
    if (path.endsWith('/generated.ts') || path.startsWith('schema/generated/')) continue;
    // A type `...Model` may stand in any file of a domain or of a client's resolvers: codegen looks for them there.
    if (/^schema\/|^shared\/domains\/[^/]+\/|^bffs\/[^/]+\/resolvers\//.test(path)) needsCodegen = true;
    if (path.startsWith('demo/')) programs.add('shop');
    for (const server of servers) {
      if (path.startsWith(`bffs/${server}/`) || /^(?:shared|schema)\//.test(path)) programs.add(server);
    }
  }
  return { needsCodegen, programs };
}
