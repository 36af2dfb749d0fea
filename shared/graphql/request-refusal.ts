import { GraphQLError } from 'graphql';

export interface RequestRefusalOptions {
  /** 400 where not given. */
  readonly status?: number;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The error of graphql-js that it stands for, or the part of the document that it is about. */
  readonly at?: Pick<GraphQLError, 'nodes'> & Partial<Pick<GraphQLError, 'source' | 'positions'>>;
}

/** A request that is refused before anything runs. Its message is shown to the client. */
export class RequestRefusal extends GraphQLError {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;

  constructor(code: string, message: string, options: RequestRefusalOptions = {}) {
    super(message, {
      nodes: options.at?.nodes ?? null,
      source: options.at?.source ?? null,
      positions: options.at?.positions ?? null,
      extensions: { code },
    });
    this.status = options.status ?? 400;
    this.headers = new Map(Object.entries(options.headers ?? {}));
  }
}
