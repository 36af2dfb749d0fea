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
