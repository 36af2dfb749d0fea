/** The documents that one version of a client sends, as Apollo's manifests list them. */
export interface DocumentManifest {
  readonly operations: ReadonlyArray<{ readonly id: string; readonly body: string }>;
}

const idForm = /^(?:sha256:)?([0-9a-f]{64})$/;

/** An id in the one form that is compared: `sha256:<hex>`; undefined where it is no SHA-256. */
export function normalizeDocumentId(id: string): string | undefined {
  const hash = idForm.exec(id)?.[1];
  return hash === undefined ? undefined : `sha256:${hash}`;
}

/**
 * Reads a manifest's text.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseManifest(text: string): DocumentManifest {
  const manifest: unknown = JSON.parse(text);
  if (!isRecord(manifest) || manifest['format'] !== 'apollo-persisted-query-manifest' || manifest['version'] !== 1) {
    throw new Error(`A manifest must say "format": "apollo-persisted-query-manifest", "version": 1.`);
  }
  const { operations } = manifest;
  if (!Array.isArray(operations)) throw new Error('A manifest must list its operations.');
  return {
    operations: operations.map((operation: unknown, index) => {
      const { id, body } = isRecord(operation) ? operation : {};
      const normalized = typeof id === 'string' ? normalizeDocumentId(id) : undefined;
      if (normalized === undefined) throw new Error(`operations[${index}] of the manifest has no SHA-256 as its "id".`);
      if (typeof body !== 'string') throw new Error(`operations[${index}] of the manifest has no "body".`);
      return { id: normalized, body };
    }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
