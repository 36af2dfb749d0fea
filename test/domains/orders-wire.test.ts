import { expect, test } from 'vitest';
import { readOrderPage, readOrders } from '../../shared/domains/orders/wire.ts';

const money = { amount: 100, currency: 'EUR' };

function order(id: string, userId: string | undefined) {
  return {
    id,
    userId,
    status: 'pending',
    placedAt: '2026-11-01T00:00:00.000Z',
    updatedAt: '2026-11-01T00:00:00.000Z',
    lines: [],
    total: money,
    shipping: money,
  };
}

const items = [order('order-1', 'user-1'), order('order-2', 'user-2')];

test('another’s order in a batch by id is as one that is not there', () => {
  expect(readOrders({ userId: 'user-1', items }, 'user-1').map(({ id }) => id)).toEqual(['order-1']);
  expect(readOrders({ userId: 'user-1', items: items.slice(1) }, 'user-1')).toEqual([]);
});

test('an order of nobody, a batch of another, or a page with another’s in it is no answer', () => {
  const bad = expect.objectContaining({ code: 'DOWNSTREAM_BAD_RESPONSE' });
  expect(() => readOrders({ userId: 'user-1', items: [order('order-1', undefined)] }, 'user-1')).toThrow(bad);
  expect(() => readOrders({ userId: 'user-2', items }, 'user-1')).toThrow(bad);
  expect(() => readOrderPage({ userId: 'user-1', items, total: 2 }, 'user-1')).toThrow(bad);
});
