import type { ServiceAnswer } from '../../downstream/endpoint.ts';
import { failureError } from '../../downstream/failure.ts';
import { AppError } from '../../errors.ts';
import { type Problem, readProblem } from '../../problem.ts';
import { unreadable, WireReader } from '../../wire-reader.ts';
import type { CancelOrderFailureModel, PlaceOrderFailureModel } from './model.ts';

type RefusedWrite = Pick<ServiceAnswer, 'status' | 'body' | 'mayHaveActed'>;

const keyReused = {
  __typename: 'IdempotencyKeyReused',
  message: 'This idempotency key was used for another request; use a new one.',
} as const;

/** Why an order was not placed, from the service's problem body. @throws AppError for a problem that is not one of the expected ones. */
export function readPlaceOrderFailure(answer: RefusedWrite): PlaceOrderFailureModel {
  const wire = new WireReader('orders');
  const problem = readProblem(answer.body);
  switch (problem.slug) {
    case 'out-of-stock': {
      const productId = wire.reference(problem.members, 'productId');
      const available = wire.integer(problem.members, 'available');
      const message = unreadable(available) ?? `Only ${available} can be bought now.`;
      return { __typename: 'OutOfStock', message, productId, available };
    }
    case 'price-changed':
      return {
        __typename: 'PriceChanged',
        message: 'The price has changed since it was shown.',
        productId: wire.reference(problem.members, 'productId'),
        currentPrice: wire.money(problem.members, 'currentPrice'),
      };
    case 'product-unavailable':
      return {
        __typename: 'ProductUnavailable',
        message: 'The shop does not have this product.',
        productId: wire.reference(problem.members, 'productId'),
      };
    case 'validation':
      return {
        __typename: 'InvalidInput',
        message: problem.message ?? 'The order was refused.',
        field: problem.field,
      };
    case 'idempotency-key-reused':
      return keyReused;
    default:
      throw unexpected(problem, answer);
  }
}

/** Why an order was not cancelled, from the service's problem body. @throws AppError for a problem that is not one of the expected ones. */
export function readCancelOrderFailure(answer: RefusedWrite): CancelOrderFailureModel {
  const problem = readProblem(answer.body);
  switch (problem.slug) {
    case 'already-shipped':
      return { __typename: 'AlreadyShipped', message: 'The order is on its way; send it back when it arrives.' };
    case 'already-cancelled':
      return { __typename: 'AlreadyCancelled', message: 'The order was cancelled before.' };
    case 'idempotency-key-reused':
      return keyReused;
    default:
      throw unexpected(problem, answer);
  }
}

function unexpected({ members: problem }: Problem, { status, mayHaveActed }: RefusedWrite): AppError {
  // A repeat that is refused for a reason of its own ("in progress") says nothing of the attempt whose answer was lost.
  if (mayHaveActed) return failureError('unreadable', { service: 'orders', status, problem, isOutcomeUnknown: true });
  return new AppError('CONFLICT', 'The orders service refused the request.', { service: 'orders', status, problem });
}
