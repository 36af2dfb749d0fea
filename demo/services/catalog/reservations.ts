import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../problem.ts';

export interface ReservationLine {
  productId: string;
  quantity: number;
  /** In minor units, as the buyer was shown. */
  unitPrice: number;
}

export interface Reservation {
  orderId: string;
  currency: string;
  lines: ReservationLine[];
}

export interface ReservedLine extends ReservationLine {
  /** The seller's name for it on this day. */
  name: string;
}

export interface Reservations {
  /** All lines or none. @throws Problem 409 `out-of-stock`, `price-changed`; 422 `product-unavailable` */
  reserve(reservation: Reservation): ReservedLine[];
  /** Gives the stock back; a reservation that comes after its release is refused. */
  release(orderId: string): void;
  quote(currency: string, lines: readonly { productId: string; quantity: number }[]): QuotedLine[];
}

export interface QuotedLine {
  productId: string;
  quantity: number;
  unitPrice: { amount: number; currency: string } | null;
  available: number;
}

interface OfferRow {
  name: string;
  available: number;
  amount: number;
}

function unavailable(productId: string): Problem {
  return new Problem(422, 'product-unavailable', {
    detail: 'The shop does not have this product.',
    extras: { productId },
  });
}

function outOfStock(productId: string, available: number): Problem {
  return new Problem(409, 'out-of-stock', {
    detail: `Only ${available} can be bought now.`,
    extras: { productId, available },
  });
}

function priceChanged(productId: string, currentPrice: { amount: number; currency: string }): Problem {
  return new Problem(409, 'price-changed', {
    detail: 'The price is another one now.',
    extras: { productId, currentPrice },
  });
}

/** Holds stock for orders. */
export function createReservations(database: DatabaseSync, options: { now: () => Date }): Reservations {
  const selectOffer = database.prepare(
    `SELECT p.name, p.available, prices.amount FROM products p
     JOIN prices ON prices.product_id = p.id AND prices.currency = ? WHERE p.id = ?`,
  );
  const take = database.prepare('UPDATE products SET available = available - ?, updated_at = ? WHERE id = ?');
  const selectReservation = database.prepare(
    'SELECT lines, is_released AS isReleased FROM reservations WHERE order_id = ?',
  );
  const insert = database.prepare('INSERT INTO reservations (order_id, lines) VALUES (?, ?)');
  const markReleased = database.prepare(
    `INSERT INTO reservations VALUES (?, '[]', 1) ON CONFLICT (order_id) DO UPDATE SET is_released = 1`,
  );

  function offer(productId: string, currency: string): OfferRow | undefined {
    return selectOffer.get(currency, productId) as OfferRow | undefined;
  }

  function check({ currency, lines }: Reservation): ReservedLine[] {
    const wanted = new Map<string, number>();
    return lines.map((line) => {
      const { productId, quantity, unitPrice } = line;
      const found = offer(productId, currency);
      if (!found) throw unavailable(productId);
      if (found.amount !== unitPrice) throw priceChanged(productId, { amount: found.amount, currency });
      const soFar = (wanted.get(productId) ?? 0) + quantity;
      wanted.set(productId, soFar);
      if (soFar > found.available) throw outOfStock(productId, found.available);
      return { ...line, name: found.name };
    });
  }

  function move(lines: readonly ReservationLine[], direction: 1 | -1): void {
    const at = options.now().getTime();
    for (const { productId, quantity } of lines) take.run(quantity * direction, at, productId);
  }

  function find(orderId: string): { lines: ReservedLine[]; isReleased: boolean } | undefined {
    const row = selectReservation.get(orderId) as { lines: string; isReleased: number } | undefined;
    return row && { lines: JSON.parse(row.lines) as ReservedLine[], isReleased: row.isReleased === 1 };
  }

  function inTransaction<T>(work: () => T): T {
    database.exec('BEGIN');
    try {
      const outcome = work();
      database.exec('COMMIT');
      return outcome;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  return {
    reserve(reservation) {
      const earlier = find(reservation.orderId);
      if (earlier?.isReleased) {
        throw new Problem(409, 'reservation-released', {
          detail: 'The stock for this order was given back; order anew.',
        });
      }
      if (earlier) return earlier.lines;
      return inTransaction(() => {
        const lines = check(reservation);
        move(lines, 1);
        insert.run(reservation.orderId, JSON.stringify(lines));
        return lines;
      });
    },
    release(orderId) {
      const earlier = find(orderId);
      if (earlier?.isReleased) return;
      inTransaction(() => {
        move(earlier?.lines ?? [], -1);
        markReleased.run(orderId);
      });
    },
    quote(currency, lines) {
      return lines.map(({ productId, quantity }) => {
        const found = offer(productId, currency);
        const unitPrice = found ? { amount: found.amount, currency } : null;
        return { productId, quantity, unitPrice, available: found?.available ?? 0 };
      });
    },
  };
}
