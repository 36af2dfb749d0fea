import { createBaskets, type Draw } from './baskets.ts';
import { type Currency, charmPrice, type Money, shippingFor } from './money.ts';
import type { ProductSeed } from './products.ts';
import { createRandom, type Random } from './random.ts';
import { dayMs, hourMs, secondMs } from './time.ts';
import type { AddressSeed, UserSeed } from './users.ts';

export type OrderStatus = 'pending' | 'confirmed' | 'shipped' | 'delivered' | 'cancelled';

export interface OrderLineSeed {
  productId: string;
  name: string;
  categoryId: string;
  quantity: number;
  unitPrice: Money;
}

export interface OrderSeed {
  id: string;
  userId: string;
  status: OrderStatus;
  placedAt: Date;
  updatedAt: Date;
  estimatedDelivery: Date | null;
  currency: Currency;
  lines: OrderLineSeed[];
  total: Money;
  shipping: Money;
  shippingAddress: AddressSeed | null;
  tracking: { carrier: string; code: string } | null;
}

interface PlannedOrder {
  user: UserSeed;
  ageMs: number;
  /** Of the buyer's orders, newest first. */
  rank: number;
}

const orderCount = 5_000;
const leastOrders = 8;
const historyMs = 547 * dayMs;
/** The two viewers that the examples and the call counts are about. */
const fixedCounts: Record<string, number> = { 'user-1': 32, 'user-2': 40 };
/** user-1 always has four orders on their way: one pending, one confirmed, two shipped. */
const activeAgesMs = [7 * hourMs, 36 * hourMs, 4 * dayMs, 6 * dayMs];
const carriers = ['DHL', 'Royal Mail', 'PostNord', 'Yamato', 'UPS', 'Chronopost'];

function orderCounts(users: readonly UserSeed[], random: Random): Map<string, number> {
  const counts = new Map(users.map((user) => [user.id, fixedCounts[user.id] ?? leastOrders]));
  const others = users.filter((user) => fixedCounts[user.id] === undefined);
  let left = orderCount - [...counts.values()].reduce((sum, count) => sum + count, 0);
  for (; left > 0; left -= 1) {
    const user = random.pickSkewed(others);
    counts.set(user.id, (counts.get(user.id) ?? 0) + 1);
  }
  return counts;
}

function plan(users: readonly UserSeed[], random: Random): PlannedOrder[] {
  const counts = orderCounts(random.shuffle(users), random);
  return users.flatMap((user) => {
    const ages = Array.from({ length: counts.get(user.id) ?? 0 }, (_, index) => {
      const fixedAge = user.id === 'user-1' ? activeAgesMs[index] : undefined;
      // No order in the last hour: what a test places is always the newest.
      const oldest = historyMs - hourMs;
      return fixedAge ?? hourMs + Math.floor((random.next() * oldest) / secondMs) * secondMs;
    });
    return ages.toSorted((left, right) => left - right).map((ageMs, rank) => ({ user, ageMs, rank }));
  });
}

function statusAt(planned: PlannedOrder, random: Random): OrderStatus {
  const draw = random.next();
  const isFixed = planned.user.id === 'user-1' && activeAgesMs.includes(planned.ageMs);
  if (!isFixed && draw < 0.04) return 'cancelled';
  if (planned.ageMs < 20 * hourMs) return 'pending';
  if (planned.ageMs < 2.5 * dayMs) return 'confirmed';
  return planned.ageMs < (isFixed || draw < 0.9 ? 7 : 12) * dayMs ? 'shipped' : 'delivered';
}

function timesOf(status: OrderStatus, placedAt: Date, now: Date) {
  const placed = placedAt.getTime();
  const stepMs: Record<OrderStatus, number> = {
    pending: 0,
    confirmed: 9 * hourMs,
    shipped: 2 * dayMs + 5 * hourMs,
    delivered: 6 * dayMs + 13 * hourMs,
    cancelled: 3 * hourMs,
  };
  const hasEstimate = status === 'confirmed' || status === 'shipped';
  const promised = Math.max(placed + 8 * dayMs, now.getTime() + dayMs);
  return {
    placedAt,
    updatedAt: new Date(Math.min(placed + stepMs[status], now.getTime())),
    estimatedDelivery: hasEstimate ? new Date(Math.floor(promised / dayMs) * dayMs + 17 * hourMs) : null,
  };
}

/** An order older than half a year was sometimes bought at an older, lower price. */
function paidPrice(product: ProductSeed, currency: Currency, wasCheaper: boolean): Money {
  const price = product.prices.find((candidate) => candidate.currency === currency) ?? { amount: 0, currency };
  if (!wasCheaper) return price;
  const euroPrice = product.prices.find((candidate) => candidate.currency === 'EUR') ?? price;
  return charmPrice(Math.round(euroPrice.amount * 0.92), currency);
}

function createLines(draws: readonly Draw[], planned: PlannedOrder, random: Random): OrderLineSeed[] {
  return draws.map(({ product, quantity }) => ({
    productId: product.id,
    name: product.name,
    categoryId: product.categoryId,
    quantity,
    unitPrice: paidPrice(product, planned.user.currency, planned.ageMs > 180 * dayMs && random.chance(0.4)),
  }));
}

/** 5,000 orders over the 18 months before `now`, oldest first. */
export function createOrders(
  seed: number,
  now: Date,
  world: { users: UserSeed[]; products: ProductSeed[] },
): OrderSeed[] {
  const random = createRandom(seed, 'orders');
  const baskets = createBaskets(seed, world.products, now);
  const planned = plan(world.users, random).toSorted(
    (left, right) => right.ageMs - left.ageMs || (left.user.id < right.user.id ? -1 : 1),
  );
  return planned.map((order, index): OrderSeed => {
    const { user } = order;
    const status = statusAt(order, random);
    const lines = createLines(baskets.draw(user.id, order.rank, order.ageMs), order, random);
    const subtotal = lines.reduce((sum, line) => sum + line.unitPrice.amount * line.quantity, 0);
    const shipping = shippingFor(subtotal, user.currency);
    const isOnTheRoad = status === 'shipped' || status === 'delivered';
    return {
      id: `order-${index + 1}`,
      userId: user.id,
      status,
      ...timesOf(status, new Date(now.getTime() - order.ageMs), now),
      currency: user.currency,
      lines,
      total: { amount: subtotal + shipping.amount, currency: user.currency },
      shipping,
      shippingAddress: user.addresses[0] ?? null,
      tracking: isOnTheRoad
        ? { carrier: random.pick(carriers), code: `${random.integer(100_000, 999_999)}${random.integer(1_000, 9_999)}` }
        : null,
    };
  });
}
