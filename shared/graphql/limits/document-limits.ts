/** How large a document may be. Every limit counts what would run: fragments are expanded wherever they are spread. */
export interface DocumentLimits {
  /** The lexer stops there, before the parser can recurse any deeper; 1000. */
  readonly maxTokens: number;
  /** Fields within fields; 10, for real storefront queries reach 8. */
  readonly maxDepth: number;
  /** Aliased fields of an operation, `__typename` included; 30: an alias asks for the same thing once more. */
  readonly maxAliases: number;
  /** Directives of the whole document, as written; 5: each is a pass of the validator over all others of its node. */
  readonly maxDirectives: number;
  /** Fields at the root of an operation; 20: each can be a call of its own. */
  readonly maxRootFields: number;
  /** Fields and fragments of an operation; 10,000: 0.8 KB of fragments that spread each other twice can hold a million. */
  readonly maxSelections: number;
  /** Pairs of fields that share a response key at one place; 10,000, which validation compares in about 30 ms. */
  readonly maxFieldPairs: number;
}

/** The costliest operation that is served, unless a client's profile says otherwise; by the schema's cost model. */
export const defaultCostLimit = 5000;

export const defaultDocumentLimits: DocumentLimits = {
  maxTokens: 1000,
  maxDepth: 10,
  maxAliases: 30,
  maxDirectives: 5,
  maxRootFields: 20,
  maxSelections: 10_000,
  maxFieldPairs: 10_000,
};
