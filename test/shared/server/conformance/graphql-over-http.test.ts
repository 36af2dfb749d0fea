import { buildSchema } from 'graphql';
import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { createDegradedLog } from '../../../../shared/graphql/degraded-log.ts';
import { createGraphqlEngine } from '../../../../shared/graphql/engine.ts';
import { createAudience, type EngineContext } from '../../../../shared/graphql/engine-context.ts';
import type { GraphqlHandler } from '../../../../shared/server/graphql-port.ts';
import type { HttpServerOptions } from '../../../../shared/server/http.ts';
import { openEdge } from '../edge-under-test.ts';

/** Recommendations that we do not follow, whatever the options: by id, with the reason. */
const alwaysDifferent: Readonly<Record<string, string>> = {
  '572B':
    'a document that does not parse is 400 in application/json, too: monitors and clients see the failure without reading the body',
  FDE2: 'a document that is not valid is 400 in application/json, too',
  '7B9B': 'variables that do not coerce are 400 in application/json, too',
};

const needsPreflight =
  'a GET without a header that browsers must ask for is refused: it is how another site would send it';

/** What differs with our policies besides: the audits that send their query by GET. */
const differentByPolicy: Readonly<Record<string, string>> = {
  '5A70': needsPreflight,
  '6A70': needsPreflight,
  D6D5: needsPreflight,
};

/** The engine of the real servers, on a schema that needs no services. */
async function openEngine(): Promise<GraphqlHandler> {
  const engine = await createGraphqlEngine<EngineContext>({
    schema: buildSchema('type Query { hello: String } type Mutation { greet: String }'),
    documents: { mode: 'open' },
    isDevelopment: true,
  });
  return {
    handle: (request) =>
      engine.handle(request, () => ({
        requestId: request.edge.id,
        viewer: null,
        audience: createAudience(),
        degraded: createDegradedLog(),
        report: { callCount: 0, sentCount: 0, slowReason: () => 'nothing', toJSON: () => ({}) },
      })),
  };
}

async function auditEdge(options: Partial<HttpServerOptions>) {
  const edge = await openEdge(options);
  const results: Record<string, string> = {};
  let count = 0;
  for (const audit of serverAudits({ url: `${edge.url}/graphql` })) {
    const result = await audit.fn();
    count += 1;
    if (result.status === 'ok') continue;
    await result.response.body?.cancel();
    results[result.id] = `${result.name}: ${result.reason}`;
  }
  return { count, results };
}

describe('GraphQL over HTTP, by the 61 audits of graphql-http', () => {
  it('passes but for what is named here, by Apollo Server without our policies', async () => {
    const { count, results } = await auditEdge({ preflightHeaders: [] });
    expect(count).toBe(61);
    expect(Object.keys(results).toSorted()).toEqual(Object.keys(alwaysDifferent).toSorted());
  });

  it('passes but for what is named here, with our policies', async () => {
    const { count, results } = await auditEdge({ graphql: await openEngine() });
    expect(count).toBe(61);
    expect(Object.keys(results).toSorted()).toEqual(
      Object.keys({ ...alwaysDifferent, ...differentByPolicy }).toSorted(),
    );
  });
});
