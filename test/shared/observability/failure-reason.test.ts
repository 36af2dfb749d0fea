import { expect, it } from 'vitest';
import { readFailureReason } from '../../../shared/observability/failure-reason.ts';
import { findFreePort } from '../../support/free-port.ts';

it('names the innermost cause and its code, not what wraps it', async () => {
  const port = await findFreePort();
  const failure: unknown = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: 'fetch failed' });
  expect(readFailureReason(failure)).toEqual({
    reason: `connect ECONNREFUSED 127.0.0.1:${port}`,
    code: 'ECONNREFUSED',
  });
});

it('is one line, whatever is thrown', () => {
  expect(readFailureReason(new Error('a\n    at b'))).toEqual({ reason: 'a', code: null });
  expect(readFailureReason(Object.assign(new AggregateError([]), { code: 'ETIMEDOUT' }))).toEqual({
    reason: 'ETIMEDOUT',
    code: 'ETIMEDOUT',
  });
  expect(readFailureReason('text')).toEqual({ reason: 'unknown', code: null });
  const circular = new Error('around');
  circular.cause = circular;
  expect(readFailureReason(circular).reason).toBe('around');
});
