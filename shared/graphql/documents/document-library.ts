import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { OperationRequest } from '../operation-request.ts';
import { RequestRefusal } from '../request-refusal.ts';
import type { KnownDocument, ReadDocument } from './document-reader.ts';
import { type DocumentManifest, normalizeDocumentId } from './manifest.ts';

export interface DocumentLibraryOptions {
  /** `open`: any document is run; `allowlist`: those of the manifests and no others. */
  readonly mode: 'open' | 'allowlist';
  /** This client's manifests: the one that is generated from its documents, and those of its versions in the field. */
  readonly manifests?: readonly DocumentManifest[];
  /** The other clients' manifests: their documents are refused by name. */
  readonly foreignManifests?: readonly DocumentManifest[];
  /** Whether a client may have a document remembered by its hash (automatic persisted queries); never with an allowlist. */
  readonly remembersDocuments?: boolean;
  /** How many documents that are in no manifest are kept, each with its plan; 500. */
  readonly maxKept?: number;
}

/** The documents that one server runs. */
export interface DocumentLibrary {
  /**
   * The document that a request asks for.
   *
   * @throws RequestRefusal - where it names none, or one that this server does not run.
   */
  find(request: OperationRequest): KnownDocument;
}

// A document takes about 60 times its text. These two are 30 MB and 60 MB at most: what anybody may send weighs besides what its
// plans hold, some 300 bytes a field, for 2 KB of fragments can ask for thousands; what is in our own manifests does not.
const charactersPerField = 5;
const maxFreeCharacters = 500_000;
const maxPersistedCharacters = 1_000_000;

/** Opens the library: a document is read when it is first asked for, and kept as long as it is in use. */
export function createDocumentLibrary(read: ReadDocument, options: DocumentLibraryOptions): DocumentLibrary {
  const { mode, manifests = [], foreignManifests = [], maxKept = 500 } = options;
  const remembersDocuments = (options.remembersDocuments ?? true) && mode === 'open';
  const listed = new Map(manifests.flatMap(({ operations }) => operations.map(({ id, body }) => [id, body])));
  const foreign = new Set(foreignManifests.flatMap(({ operations }) => operations.map(({ id }) => id)));
  const persisted = createKept({ maxCharacters: maxPersistedCharacters, weigh: () => 0 });
  const free = createKept({ max: maxKept, maxCharacters: maxFreeCharacters, weigh: plannedCharacters });
  // Apart from the others, so that a stream of bad documents drives out no good one.
  const refused = createKept({ max: Math.ceil(maxKept / 5), maxCharacters: maxFreeCharacters / 5, weigh: () => 0 });

  return {
    find(request) {
      const id = readDocumentId(request);
      const { query } = request;
      if (id === undefined) {
        if (query === undefined || query === '') {
          throw new RequestRefusal('BAD_REQUEST', 'Send a `query`, or the `documentId` of a persisted document.');
        }
        if (mode === 'allowlist') {
          throw new RequestRefusal(
            'PERSISTED_DOCUMENT_REQUIRED',
            'Send the `documentId` of a persisted document: no other document is run here.',
          );
        }
        return findFree(hashOf(query), query).document;
      }
      if (query !== undefined && query !== '') return findWithBody(id, query);
      return findPersisted(id) ?? findRemembered(id) ?? refuseUnknown(id, request);
    },
  };

  function findPersisted(id: string): KnownDocument | undefined {
    const known = persisted.get(id);
    if (known !== undefined) return known.document;
    const text = listed.get(id);
    if (text === undefined) return undefined;
    const document = read(id, text);
    persisted.set(id, { document, text, isRemembered: true });
    return document;
  }

  function findRemembered(id: string): KnownDocument | undefined {
    const known = free.get(id);
    return known?.isRemembered === true ? known.document : undefined;
  }

  function findWithBody(id: string, query: string): KnownDocument {
    if (mode === 'allowlist') {
      throw new RequestRefusal(
        'PERSISTED_DOCUMENT_WITH_BODY',
        'Send the id of the persisted document alone, without its text.',
      );
    }
    if (hashOf(query) !== id) {
      throw new RequestRefusal(
        'PERSISTED_DOCUMENT_MISMATCH',
        'The id is not the SHA-256 of the document sent with it.',
      );
    }
    const found = findFree(id, query);
    found.isRemembered = remembersDocuments;
    return found.document;
  }

  function findFree(id: string, text: string): KeptDocument {
    const known = free.get(id) ?? refused.get(id);
    if (known !== undefined) return known;
    const found = { document: read(id, text), text, isRemembered: false };
    (found.document.kind === 'ready' ? free : refused).set(id, found);
    return found;
  }

  function refuseUnknown(id: string, request: OperationRequest): never {
    if (foreign.has(id)) {
      throw new RequestRefusal(
        'PERSISTED_DOCUMENT_OF_ANOTHER_CLIENT',
        'This document is another client’s: it is not run here.',
      );
    }
    // As Apollo's protocol has it: the client reads the code and sends the text along. A `documentId` has no such protocol.
    const isAutomatic = request.documentId === undefined;
    throw new RequestRefusal('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', {
      status: isAutomatic ? 200 : 400,
    });
  }
}

interface KeptDocument {
  readonly document: KnownDocument;
  readonly text: string;
  /** Whether a client may ask for it by its hash alone. */
  isRemembered: boolean;
}

interface KeptOptions {
  readonly max?: number;
  readonly maxCharacters: number;
  /** What a document weighs besides its text, in characters. */
  weigh(document: KnownDocument): number;
}

function createKept({ max, maxCharacters, weigh }: KeptOptions) {
  return new LRUCache<string, KeptDocument>({
    ...(max === undefined ? {} : { max }),
    maxSize: maxCharacters,
    // lru-cache takes no size of 0.
    sizeCalculation: ({ text, document }) => 1 + text.length + weigh(document),
  });
}

function readDocumentId({ documentId, extensions }: OperationRequest): string | undefined {
  const hash = readPersistedQuery(extensions['persistedQuery']);
  if (documentId === undefined && hash === undefined) return undefined;
  const ids = [documentId, hash].filter((id) => id !== undefined).map(normalizeDocumentId);
  const [id] = ids;
  if (id === undefined || ids.some((other) => other !== id)) {
    throw new RequestRefusal(
      'PERSISTED_DOCUMENT_ID_INVALID',
      'The id of a persisted document must be `sha256:` and 64 hexadecimal digits.',
    );
  }
  return id;
}

function readPersistedQuery(member: unknown): string | undefined {
  if (member === undefined || member === null) return undefined;
  const { version, sha256Hash } = typeof member === 'object' ? (member as Record<string, unknown>) : {};
  if (version !== undefined && version !== 1) {
    throw new RequestRefusal('BAD_REQUEST', '`extensions.persistedQuery.version` must be 1.');
  }
  // No hash at all is one that no document has.
  return typeof sha256Hash === 'string' ? sha256Hash : '';
}

/** `sha256:<hex>`, as manifests name a document. */
function hashOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function plannedCharacters(document: KnownDocument): number {
  if (document.kind === 'refused') return 0;
  return charactersPerField * document.operations.reduce((sum, { plannedFields }) => sum + plannedFields, 0);
}
