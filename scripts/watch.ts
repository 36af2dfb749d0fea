import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';

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
  const tree = new WatchedTree((path) => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(report, settleMs);
  });
  for (const folder of folders) tree.add(folder, () => {});
  return {
    close() {
      clearTimeout(timer);
      for (const folder of folders) tree.remove(folder);
    },
  };
}

/**
 * A watcher for each folder. Node's own `recursive` follows the files themselves on Linux: once an editor or a checkout has
 * put a new file in an old one's place, it goes on watching the one that is gone.
 */
class WatchedTree {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #onChange: (path: string) => void;

  constructor(onChange: (path: string) => void) {
    this.#onChange = onChange;
  }

  /** Watches a folder and all below it, and names what is there already. */
  add(folder: string, onFound: (path: string) => void): void {
    try {
      const watcher = watch(folder, (event, name) => this.#onEvent(folder, event, name));
      watcher.on('error', () => this.remove(folder));
      this.#watchers.set(folder, watcher);
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = `${folder}/${entry.name}`;
        onFound(path);
        if (entry.isDirectory()) this.add(path, onFound);
      }
    } catch (error) {
      this.remove(folder);
      // Else it is gone again, before it could be looked into.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  remove(folder: string): void {
    for (const [path, watcher] of this.#watchers) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }

  #onEvent(folder: string, event: string, name: string | null): void {
    if (name === null || /~$|\.sw\w$/.test(name)) return;
    const path = `${folder}/${name}`;
    this.#onChange(path);
    // Made, moved or gone: a folder of this name is another one now.
    if (event !== 'rename') return;
    this.remove(path);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) this.add(path, this.#onChange);
  }
}
