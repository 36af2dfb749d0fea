import { access, constants, mkdir, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';

/**
 * Makes the folder of the cache, for this user alone: in a folder that another user of the machine owns, he could put his
 * own pictures into ours.
 *
 * @throws Error - it cannot be made or written, or belongs to somebody else; the message says which setting to change.
 */
export async function openCacheDirectory(directory: string): Promise<void> {
  const advice = 'set the folder of the image cache to one that this user owns and can write';
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`the image cache cannot be written: ${advice}`, { cause: error });
  }
  const { uid } = await stat(directory);
  const own = userInfo().uid;
  // -1 where the system has no such numbers.
  if (own !== -1 && uid !== own) throw new Error(`the image cache belongs to another user: ${advice}`);
}
