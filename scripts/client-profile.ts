import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClientProfile } from '../shared/profile.ts';

/** What a client's server is made with, or undefined where there is no such client. @throws Error - its `profile.ts` does not say. */
export async function readProfile(root: string, client: string): Promise<ClientProfile | undefined> {
  const path = join(root, 'bffs', client, 'profile.ts');
  if (!existsSync(path)) return undefined;
  const exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, Partial<ClientProfile>>>;
  const profile = Object.values(exported).find(({ name }) => name === client);
  if (profile === undefined) throw new Error(`${path} exports no profile whose name is ${client}.`);
  return profile as ClientProfile;
}
