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
  constructor(code: string, message: string, options: RequestRefusalOptions = {}) {
    super(message, {
      nodes: options.at?.nodes ?? null,
      source: options.at?.source ?? null,
      positions: options.at?.positions ?? null,
      // Apollo takes `http` out of the extensions and answers with it.
      extensions: {
        code,
        http: { status: options.status ?? 400, headers: new Map(Object.entries(options.headers ?? {})) },
      },
    });
  }
}
