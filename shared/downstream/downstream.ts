import type { CallScope } from './call-scope.ts';
import type { Endpoint, EndpointCall, ServiceAnswer } from './endpoint.ts';

/** The services behind this layer. */
export interface Downstream {
  /**
   * One call, with every policy of the service applied.
   *
   * @throws AppError - `CIRCUIT_OPEN`, `DOWNSTREAM_UNAVAILABLE`, `DOWNSTREAM_TIMEOUT`, `DEADLINE_EXCEEDED`,
   * `DOWNSTREAM_BAD_RESPONSE`, `DOWNSTREAM_RATE_LIMITED`, `OVERLOADED`; and for a 4xx that the endpoint does not declare
   * under `answers`: `UNAUTHENTICATED` (401), `FORBIDDEN` (403), `NOT_FOUND` (404, 410), `CONFLICT` (409, 412), else
   * `BAD_USER_INPUT`; with `status` and `problem` set.
   */
  call(endpoint: Endpoint, call: EndpointCall, scope: CallScope): Promise<ServiceAnswer>;
}
