import { ref } from '../schema.ts';
import type { Route } from '../service.ts';
import { idParameter } from '../wire.ts';
import type { Reservation, Reservations } from './reservations.ts';

/** Prices that hold now, and stock held for orders. */
export function createStockRoutes(reservations: Reservations): Route[] {
  return [
    {
      operation: {
        method: 'POST',
        path: '/quotes',
        operationId: 'quote',
        summary: 'The price and stock that hold now. Changes nothing.',
        access: 'public',
        body: ref('QuoteRequest'),
        answers: {
          200: {
            description: 'One line for each asked; a price is null where the shop has no such product.',
            schema: ref('Quote'),
          },
        },
      },
      handle(request) {
        // The dispatcher has checked the body against QuoteRequest.
        const { currency, lines } = request.body as Pick<Reservation, 'currency' | 'lines'>;
        return { status: 200, body: { currency, lines: reservations.quote(currency, lines) } };
      },
    },
    {
      operation: {
        method: 'POST',
        path: '/reservations',
        operationId: 'reserve',
        summary: 'Holds stock for an order: all lines or none. The same order again changes nothing.',
        access: 'service',
        body: ref('ReservationRequest'),
        idempotency: 'optional',
        answers: {
          201: { description: 'Held.', schema: ref('Reservation') },
          409: {
            description:
              'out-of-stock {productId, available}; price-changed {productId, currentPrice}; reservation-released.',
          },
          422: { description: 'product-unavailable {productId}; validation.' },
        },
      },
      handle(request) {
        // The dispatcher has checked the body against ReservationRequest.
        const reservation = request.body as Reservation;
        const { orderId, currency } = reservation;
        return { status: 201, body: { orderId, currency, lines: reservations.reserve(reservation) } };
      },
    },
    {
      operation: {
        method: 'DELETE',
        path: '/reservations/{orderId}',
        operationId: 'release',
        summary: 'Gives the stock back; doing it twice changes nothing.',
        access: 'service',
        parameters: [idParameter('orderId')],
        idempotency: 'optional',
        answers: { 204: { description: 'Given back.' } },
      },
      handle(request) {
        reservations.release(request.path['orderId'] ?? '');
        return { status: 204 };
      },
    },
  ];
}
