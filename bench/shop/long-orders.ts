import { answerKey, type RecordedAnswer } from './recorded.ts';

/** How many lines the orders have by which is measured how cost grows. */
export const lineCounts = [10, 100, 1000] as const;

/** The id of the order with this many lines. */
export function longOrderId(lineCount: number): string {
  return `order-of-${lineCount}`;
}

/**
 * Orders longer than any of the demo shop's, each line of a product of its own: copies of what the shop's catalog answers, under
 * new ids, so that a batch has as many different products as the order has lines.
 */
export function recordLines(viewerId: string, known: Readonly<Record<string, string>>) {
  const originals = Object.values(known);
  const products: Record<string, string> = {};
  const answers: Record<string, RecordedAnswer> = {};
  for (let index = 0; index < Math.max(...lineCounts); index += 1) {
    const original = JSON.parse(originals[index % originals.length] ?? '{}') as object;
    products[lineProductId(index)] = JSON.stringify({ ...original, id: lineProductId(index) });
  }
  for (const lineCount of lineCounts) {
    const id = longOrderId(lineCount);
    const lines = Array.from({ length: lineCount }, (_, index) => ({
      lineId: `line-${index + 1}`,
      productId: lineProductId(index),
      name: `As it was called when it was bought, number ${index + 1}`,
      quantity: 1 + (index % 3),
      unitPrice: { amount: 1000 + index, currency: 'EUR' },
    }));
    const order = {
      id,
      userId: viewerId,
      status: 'delivered',
      placedAt: '2026-10-01T10:00:00.000Z',
      updatedAt: '2026-10-04T10:00:00.000Z',
      estimatedDelivery: null,
      lines,
      total: { amount: 1000 * lineCount, currency: 'EUR' },
      shipping: { amount: 0, currency: 'EUR' },
      shippingAddress: null,
      tracking: null,
    };
    answers[answerKey('orders', `/orders/batch?ids=${id}`)] = {
      status: 200,
      headers: ['content-type: application/json', 'cache-control: private, no-cache', 'vary: authorization'],
      body: JSON.stringify({ userId: viewerId, items: [order] }),
    };
  }
  return { products, answers };
}

function lineProductId(index: number): string {
  return `line-product-${index + 1}`;
}
