import { listClients } from './client-schema.ts';
import { ManifestError } from './manifest.ts';
import { findBrokenDocuments, listReleases } from './released-documents.ts';
import { describeDifference } from './schema-difference.ts';

/** With what today's schemas are compared, for information: `npm run schema:check -- main`. */
async function main(commit: string): Promise<number> {
  const root = process.cwd();
  for (const client of listClients(root)) {
    const changes = await describeDifference(root, client, commit);
    const heading = `${client}: ${changes === null ? `no schema at ${commit} to compare with` : `${changes.length} changes since ${commit}`}`;
    console.log([heading, ...(changes ?? [])].join('\n  '));
  }
  const broken = findBrokenDocuments(root);
  for (const { client, version, operation, field, message } of broken) {
    console.error(`${client} ${version} breaks: ${operation} asks for ${field}. ${message}`);
  }
  const releases = listReleases(root);
  const documents = releases.reduce((count, { operations }) => count + operations.length, 0);
  console.log(`${documents} documents of ${releases.length} released versions checked, ${broken.length} problems.`);
  return broken.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv[2] ?? 'HEAD');
} catch (error) {
  if (!(error instanceof ManifestError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
