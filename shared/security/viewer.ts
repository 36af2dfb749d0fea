/** Whoever holds a valid token. */
export interface Viewer {
  /** The token's `sub`. */
  readonly id: string;
  readonly scopes: ReadonlySet<string>;
  /** The language that the identity provider knows them by, BCP 47. */
  readonly locale?: string;
  /** Their own `Authorization` header, for services that ask for the viewer's token. */
  readonly authorization: string;
}

const grants = new WeakMap<Viewer, string>();

/** What a viewer's token allows, as one text: the same for every token with the same scopes, in whatever order. */
export function grantsOf(viewer: Viewer): string {
  const known = grants.get(viewer);
  if (known !== undefined) return known;
  const text = [...viewer.scopes].toSorted().join(' ');
  grants.set(viewer, text);
  return text;
}
