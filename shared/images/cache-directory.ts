import { access, constants, mkdir, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/**
 * Makes the folder of the cache, for this user alone: in a folder that another user of the machine owns, he could put his
 * own pictures into ours.
 *
 * @throws Error - it cannot be made or written, or belongs to somebody else; the message says which setting to change.
 */
export async function openCacheDirectory(directory: string): Promise<void> {
  const advice = 'set the folder of the image cache to one that this user owns and can write';
  const uid = await openOwner(directory).catch((error: unknown) => {
    throw new Error(`the image cache cannot be written: ${advice}`, { cause: error });
  });
  const own = userInfo().uid;
  // -1 where the system has no such numbers.
  if (own !== -1 && uid !== own) throw new Error(`the image cache belongs to another user: ${advice}`);
}

async function openOwner(directory: string): Promise<number> {
  await makeFolder(directory);
  await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  const folder = await stat(directory);
  if (!folder.isDirectory()) throw new Error('it is no folder');
  return folder.uid;
}

/** Step by step: Node's own `recursive` tries for ever where a system says, as of a folder in `/proc`, that it is not there. */
async function makeFolder(path: string): Promise<void> {
  if (await isMade(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  if (!(await isMade(path))) throw new Error('its place takes no folders');
}

/** False where that it is in is missing. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
    return code === 'EEXIST';
  }
}
