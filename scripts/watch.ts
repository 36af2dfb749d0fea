import { watch } from 'node:fs';

export interface Watch {
  close(): void;
}

/** Long enough for an editor's save and a checkout of many files to be one change. */
const settleMs = 150;

/** Calls `onChange` with the changed paths (as below the root, with `/`) once the folders have been still for a moment. */
export function watchFolders(folders: readonly string[], onChange: (paths: ReadonlySet<string>) => void): Watch {
  let changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const report = () => {
    const paths = changed;
    changed = new Set();
    onChange(paths);
  };
  const watchers = folders.map((folder) =>
    watch(folder, { recursive: true }, (_, name) => {
      if (name === null || /~$|\.sw\w$/.test(name)) return;
      changed.add(`${folder}/${name.replaceAll('\\', '/')}`);
      clearTimeout(timer);
      timer = setTimeout(report, settleMs);
    }),
  );
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
