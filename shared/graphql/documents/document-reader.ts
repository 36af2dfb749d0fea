import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, parse, specifiedRules, validate } from 'graphql';
import type { Operation, PrepareOperation } from '../execution/operation.ts';
import { checkDocument } from '../limits/check-document.ts';
import type { DocumentLimits } from '../limits/document-limits.ts';
import { RequestRefusal } from '../request-refusal.ts';

/** A document that was read once: ready to run, or refused with what it always answers. */
export type KnownDocument = ReadyDocument | RefusedDocument;

export interface ReadyDocument {
  readonly kind: 'ready';
  /** `sha256:<hex>` of its text, or the id that its client's manifest gives it. */
  readonly id: string;
  readonly operations: readonly Operation[];
}

export interface RefusedDocument {
  readonly kind: 'refused';
  readonly id: string;
  readonly refusals: readonly RequestRefusal[];
}

export interface DocumentReaderOptions {
  readonly schema: GraphQLSchema;
  readonly prepare: PrepareOperation;
  readonly limits: DocumentLimits;
  readonly allowsIntrospection: boolean;
}

/** Reads a document's text under an id; never throws on account of the text. */
export type ReadDocument = (id: string, text: string) => KnownDocument;

/** Builds the function that parses, checks and plans a document: all that is done once, however often the document is asked for. */
export function createDocumentReader(options: DocumentReaderOptions): ReadDocument {
  const { schema, prepare } = options;
  const { maxSelections } = options.limits;
  return (id, text) => {
    try {
      const document = parseDocument(text, options.limits.maxTokens);
      checkDocument(document, options);
      const errors = validate(schema, document, specifiedRules, { maxErrors: 20 });
      if (errors.length > 0) {
        const refusals = errors.map(
          (error) => new RequestRefusal('GRAPHQL_VALIDATION_FAILED', error.message, { at: error }),
        );
        return { kind: 'refused', id, refusals };
      }
      const operations: Operation[] = [];
      let fieldCount = 0;
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
        const operation = prepare(id, document, definition);
        operations.push(operation);
        // The same fragments, once for each operation: 60 of them held 134 MB.
        fieldCount += operation.fieldCount;
        if (operations.length > 1 && fieldCount > maxSelections) {
          const message = `The operations of the document ask for more than ${maxSelections} fields together.`;
          throw new RequestRefusal('DOCUMENT_LIMIT_EXCEEDED', message);
        }
      }
      return { kind: 'ready', id, operations };
    } catch (error) {
      if (error instanceof RequestRefusal) return { kind: 'refused', id, refusals: [error] };
      throw error;
    }
  };
}

function parseDocument(text: string, maxTokens: number): DocumentNode {
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const code = error.message.includes('Parsing aborted') ? 'DOCUMENT_LIMIT_EXCEEDED' : 'GRAPHQL_PARSE_FAILED';
    throw new RequestRefusal(code, error.message, { at: error });
  }
}
