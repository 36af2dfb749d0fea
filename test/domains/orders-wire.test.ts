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

const ids = ['order-1', 'order-2'];
const bad: object = expect.objectContaining({ code: 'DOWNSTREAM_BAD_RESPONSE' });
const items = [order('order-1', 'user-1'), order('order-2', 'user-2')];

test('another’s order in a batch by id is as one that is not there', () => {
  expect([...readOrders({ userId: 'user-1', items }, ids, 'user-1').keys()]).toEqual(['order-1']);
  expect(readOrders({ userId: 'user-1', items: items.slice(1) }, ids, 'user-1').size).toBe(0);
});

test('an order of nobody is the failure of each id that is missing', () => {
  const ours = order('order-1', 'user-1');
  const read = readOrders({ userId: 'user-1', items: [order('order-2', undefined), ours] }, ids, 'user-1');
  expect(read.get('order-1')).toMatchObject({ order: { id: 'order-1' } });
  expect(read.get('order-2')).toMatchObject(bad);
});

test('a batch of another, or a page with another’s in it is no answer', () => {
  expect(() => readOrders({ userId: 'user-2', items }, ids, 'user-1')).toThrow(bad);
  expect(() => readOrderPage({ userId: 'user-1', items, total: 2 }, 'user-1')).toThrow(bad);
});
