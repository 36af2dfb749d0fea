import type { AttemptResult } from './attempt-result.ts';
import type { Endpoint, ServiceAnswer } from './endpoint.ts';
import { failureError, refusalError } from './failure.ts';
import type { PendingCall } from './pending-call.ts';

/** Whether an answer says no in a way that the endpoint does not declare. */
export function isRefusal(endpoint: Endpoint, status: number): boolean {
  return status >= 400 && endpoint.answers?.includes(status) !== true;
}

/** What the caller gets for the last attempt's result. @throws AppError for a failure or a refusal. */
export function answerOf(
  pending: PendingCall,
  result: AttemptResult,
  from: { readonly service: string; readonly wallMs: number },
): ServiceAnswer {
  const { service, wallMs } = from;
  const { status, body, bytes, failure } = result;
  if (failure !== null) {
    throw failureError(failure, {
      service,
      cause: result.cause,
      status: status === 0 ? undefined : status,
      problem: body,
      retryAfterSeconds: result.retryAfterMs === undefined ? undefined : Math.ceil(result.retryAfterMs / 1000),
      isOutcomeUnknown: pending.mayHaveActed,
    });
  }
  if (isRefusal(pending.endpoint, status)) {
    // The first answer was lost: what is refused now may have been done then.
    if (pending.mayHaveActed)
      throw failureError('unreadable', { service, status, problem: body, isOutcomeUnknown: true });
    throw refusalError(status, service, body);
  }
  return { status, body, bytes, receivedAtMs: wallMs, mayHaveActed: pending.mayHaveActed };
}
