import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DocumentManifest, parseManifest } from '../graphql/documents/manifest.ts';

/** What a server reads of `schema/` when it starts. */
export interface ClientFiles {
  /** The client's full generated SDL. */
  readonly sdl: string;
  /** Its own documents: those of today, and those of its versions in the field. */
  readonly manifests: readonly DocumentManifest[];
  /** The other clients' documents. */
  readonly foreignManifests: readonly DocumentManifest[];
}

/**
 * Reads a client's schema and documents.
 *
 * @throws Error - naming the file that is missing or broken.
 */
export function readClientFiles(client: string): ClientFiles {
  const root = findSchemaFolder();
  const paths = globSync(['generated/*/persisted-documents.json', 'released/*/*.json'], { cwd: root });
  const own: DocumentManifest[] = [];
  const foreign: DocumentManifest[] = [];
  for (const path of paths) {
    const [, owner] = path.split(/[\\/]/);
    (owner === client ? own : foreign).push(readManifest(join(root, path)));
  }
  return {
    sdl: readFileSync(join(root, 'generated', client, 'schema.graphql'), 'utf8'),
    manifests: own,
    foreignManifests: foreign,
  };
}

function readManifest(path: string): DocumentManifest {
  try {
    return parseManifest(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${cause instanceof Error ? cause.message : 'unknown'}`, { cause });
  }
}

/** Above this file, whether it runs as it is or from `dist`. */
function findSchemaFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'schema', 'generated'))) return join(folder, 'schema');
    if (folder === dirname(folder))
      throw new Error('There is no schema/generated above this program: run `npm run codegen`.');
  }
}
