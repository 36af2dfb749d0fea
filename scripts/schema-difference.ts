import { execFileSync } from 'node:child_process';
import { diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { readClientSchema } from './client-schema.ts';

/** What has changed in a client's schema since a commit, one line a change; null where that commit has no such schema. */
export async function describeDifference(root: string, client: string, commit: string): Promise<string[] | null> {
  const before = readCommitted(root, `schema/generated/${client}/schema.graphql`, commit);
  if (before === null) return null;
  const changes = await diff(buildSchema(before), readClientSchema(root, client));
  return changes.map(
    ({ criticality, message }) => `${criticality.level.toLowerCase().replaceAll('_', ' ')}: ${message}`,
  );
}

function readCommitted(root: string, path: string, commit: string): string | null {
  try {
    return execFileSync('git', ['show', `${commit}:${path}`], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 50_000_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return null;
  }
}
