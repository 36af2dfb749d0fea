import { readFileSync } from 'node:fs';
import { readProfile } from './client-profile.ts';
import { ManifestError } from './manifest.ts';
import { addRelease } from './released-documents.ts';

const usage = 'npm run documents:add -- <client> <version> <file of the manifest>';

async function main([client, version, path]: readonly string[]): Promise<number> {
  if (client === undefined || version === undefined || path === undefined) {
    console.error(`Say which app version and where its manifest is: ${usage}`);
    return 1;
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    console.error(`${path} cannot be read. ${usage}`);
    return 1;
  }
  try {
    const root = process.cwd();
    const profile = await readProfile(root, client);
    const isAdded = addRelease(root, { client, version, text, costLimit: profile?.costLimit ?? 0 });
    const kept = `schema/released/${client}/${version}.json`;
    console.log(isAdded ? `Added ${kept}: commit it.` : `${kept} holds these documents already.`);
    return 0;
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    console.error(`${path} was not added:\n${error.message}`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
