import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildASTSchema, concatAST, extendSchema, type GraphQLSchema, isDefinitionNode, Kind, parse } from 'graphql';

/** The clients that this repository serves: the folders of `bffs/`. */
export function listClients(root: string): string[] {
  return globSync('bffs/*/profile.ts', { cwd: root })
    .map((path) => path.split(/[\\/]/)[1] ?? '')
    .toSorted();
}

/** One client's schema as its SDL says today, generated files aside: what is checked must not depend on a step that was forgotten. */
export function readClientSchema(root: string, client: string): GraphQLSchema {
  const paths = ['shared', client].flatMap((owner) => globSync(`schema/${owner}/*.graphql`, { cwd: root }).toSorted());
  const all = concatAST(paths.map((path) => parse(readFileSync(join(root, path), 'utf8'))));
  const isExtension = (kind: string) => kind.endsWith('Extension');
  const definitions = all.definitions.filter((node) => isDefinitionNode(node) && !isExtension(node.kind));
  const extensions = all.definitions.filter((node) => isExtension(node.kind));
  const base = buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValidSDL: true });
  return extendSchema(base, { kind: Kind.DOCUMENT, definitions: extensions }, { assumeValidSDL: true });
}
