import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhotographRecipe } from '../world/photographs.ts';

export interface Gallery {
  /** The JPEG, painted when it is first asked for; callers who come meanwhile wait for the same painting. */
  picture(folder: string, recipe: PhotographRecipe): Promise<Buffer>;
}

/** Two paintings at once: sharp shares libuv's four threads with the file system and name lookups. */
const maxPainting = 2;

/** Keeps painted pictures in a folder; without a folder to write to, every picture is painted anew. */
export function createGallery(
  deps: { paint: (recipe: PhotographRecipe) => Promise<Buffer> },
  options: { cacheDir: string; log: (line: string) => void },
): Gallery {
  const inProgress = new Map<string, Promise<Buffer>>();
  const waiting: (() => void)[] = [];
  let painting = 0;
  let isWarned = false;

  async function takeTurn<T>(work: () => Promise<T>): Promise<T> {
    if (painting >= maxPainting) await new Promise<void>((resolve) => waiting.push(resolve));
    else painting += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else painting -= 1;
    }
  }

  async function keep(path: string, jpeg: Buffer): Promise<void> {
    const draft = `${path}.${randomUUID()}`;
    try {
      await mkdir(options.cacheDir, { recursive: true });
      await writeFile(draft, jpeg);
      // One step, so that nobody ever reads half a picture.
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      const reason = error instanceof Error ? error.message : String(error);
      if (!isWarned) options.log(`Pictures are not kept: ${reason}. Name a folder to write to in DEMO_CACHE_DIR.`);
      isWarned = true;
    }
  }

  async function load(path: string, recipe: PhotographRecipe): Promise<Buffer> {
    try {
      return await readFile(path);
    } catch {
      return await takeTurn(async () => {
        const jpeg = await deps.paint(recipe);
        await keep(path, jpeg);
        return jpeg;
      });
    }
  }

  return {
    async picture(folder, recipe) {
      // The version is part of the name: an older painter's picture is never served as this one's.
      const path = join(options.cacheDir, `${folder}-${recipe.file.replace('.jpg', '')}-${recipe.version}.jpg`);
      const underWay = inProgress.get(path) ?? load(path, recipe).finally(() => inProgress.delete(path));
      inProgress.set(path, underWay);
      return await underWay;
    },
  };
}
