import type { Endpoint } from '../../shared/downstream/endpoint.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, unknown>>;
}

/** As much of an OpenAPI 3.1 document as a call can drift from. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** What no longer fits between an endpoint as we call it and the service's own description, a sentence each. */
export function describeDrift(endpoint: Endpoint, document: OpenApiDocument): readonly string[] {
  const { service, method, route, query = [], answers = [] } = endpoint;
  const operation = document.paths[route]?.[method.toLowerCase()];
  if (operation === undefined) return [`The ${service} service has no ${method} ${route}.`];
  const call = `${method} ${route} of the ${service} service`;
  const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const known = parameters.map(({ name }) => name);
  return [
    ...query.filter((name) => !known.includes(name)).map((name) => `${call} takes no query parameter \`${name}\`.`),
    ...parameters
      .filter(({ name, required }) => required === true && !query.includes(name))
      .map(({ name }) => `${call} requires the query parameter \`${name}\`.`),
    ...answers
      .filter((status) => !(String(status) in operation.responses))
      .map((status) => `${call} never answers ${status}.`),
  ];
}
