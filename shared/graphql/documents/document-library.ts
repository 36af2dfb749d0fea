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

/** How much text of documents that are in no manifest is kept, in characters. */
const maxKeptCharacters = 4_000_000;

/** Opens the library: documents of a manifest are read when they are first asked for and kept for good, others as long as they are in use. */
export function createDocumentLibrary(read: ReadDocument, options: DocumentLibraryOptions): DocumentLibrary {
  const { mode, manifests = [], foreignManifests = [], maxKept = 500 } = options;
  const remembersDocuments = (options.remembersDocuments ?? true) && mode === 'open';
  const listed = new Map(manifests.flatMap(({ operations }) => operations.map(({ id, body }) => [id, body])));
  const foreign = new Set(foreignManifests.flatMap(({ operations }) => operations.map(({ id }) => id)));
  const persisted = new Map<string, KnownDocument>();
  const free = createKeptDocuments(maxKept);
  // Apart from the others, so that a stream of bad documents drives out no good one.
  const refused = createKeptDocuments(Math.ceil(maxKept / 5));
  const remembered = createKeptDocuments(maxKept);

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
        return findFree(query);
      }
      if (query !== undefined && query !== '') return findWithBody(id, query);
      return findPersisted(id) ?? remembered.get(id) ?? refuseUnknown(id, request);
    },
  };

  function findPersisted(id: string): KnownDocument | undefined {
    const known = persisted.get(id);
    if (known !== undefined) return known;
    const body = listed.get(id);
    if (body === undefined) return undefined;
    const document = read(id, body);
    persisted.set(id, document);
    return document;
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
    const document = findFree(query);
    if (remembersDocuments && document.kind === 'ready') remembered.set(id, document);
    return document;
  }

  function findFree(query: string): KnownDocument {
    const known = free.get(query) ?? refused.get(query);
    if (known !== undefined) return known;
    const document = read(hashOf(query), query);
    (document.kind === 'ready' ? free : refused).set(query, document);
    return document;
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

interface KeptDocuments {
  get(key: string): KnownDocument | undefined;
  set(key: string, document: KnownDocument): void;
}

function createKeptDocuments(max: number): KeptDocuments {
  return new LRUCache<string, KnownDocument>({
    max,
    maxSize: maxKeptCharacters,
    sizeCalculation: (_document, key) => key.length,
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
