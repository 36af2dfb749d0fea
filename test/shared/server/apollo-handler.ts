import { type ApolloServer, type BaseContext, HeaderMap } from '@apollo/server';
import type { GraphqlHandler, GraphqlHttpRequest } from '../../../shared/server/graphql-port.ts';

/** Serves the edge's requests with an Apollo server; `contextFor` builds the resolvers' context of one request. */
export function createApolloHandler<C extends BaseContext>(
  server: ApolloServer<C>,
  contextFor: (request: GraphqlHttpRequest) => Promise<C>,
): GraphqlHandler {
  return {
    async handle(request) {
      const headers = new HeaderMap();
      for (const name in request.headers) {
        const value = request.headers[name];
        if (value !== undefined) headers.set(name, typeof value === 'string' ? value : value.join(', '));
      }
      const { method, body } = request;
      const members = Object.entries(body).map(([name, value]): [string, string] => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
      const search = method === 'GET' ? `?${new URLSearchParams(members).toString()}` : '';
      const answer = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers, search, body },
        context: () => contextFor(request),
      });
      return {
        status: answer.status ?? 200,
        headers: answer.headers,
        body: answer.body.kind === 'complete' ? answer.body.string : answer.body.asyncIterator,
      };
    },
  };
}
