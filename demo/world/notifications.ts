import type { OrderSeed } from './orders.ts';
import { createRandom, type Random } from './random.ts';
import { dayMs, daysBefore, hourMs } from './time.ts';
import type { UserSeed } from './users.ts';

export type NotificationKind = 'order' | 'offer' | 'account';

export interface NotificationSeed {
  id: string;
  userId: string;
  kind: NotificationKind;
  title: string;
  body: string;
  createdAt: Date;
  readAt: Date | null;
}

type News = readonly [title: string, body: string];
type Draft = Pick<NotificationSeed, 'userId' | 'kind' | 'title' | 'body' | 'createdAt'>;

const newsWindowMs = 150 * dayMs;
const offers: readonly News[] = [
  ['A quiet week for the till', '15 % off all bedding until Sunday.'],
  ['Back in stock', 'The casserole that everybody asked for is here again.'],
  ['Free shipping weekend', 'From Friday to Monday, whatever the basket.'],
  ['New from Northfell', 'Tents for two that weigh less than one.'],
  ['Your points are worth something', 'Turn 500 points into a voucher this month.'],
  ['Read by lamplight', 'A novel with each reading lamp.'],
];
const accountNews: readonly News[] = [
  ['New sign-in', 'Somebody signed in from a device that we have not seen before. If it was you, all is well.'],
  ['Please check your address', 'The carrier had trouble finding the door last time.'],
  ['Your password was changed', 'If it was not you, write to us today.'],
];

function orderNews(order: OrderSeed): Draft[] {
  const count = order.lines.length;
  const what = count === 1 ? (order.lines[0]?.name ?? 'Your order') : `${count} products`;
  const about = { userId: order.userId, kind: 'order' as const };
  const news: Draft[] = [
    {
      ...about,
      title: 'Thank you for your order',
      body: `We have received ${order.id}: ${what}.`,
      createdAt: order.placedAt,
    },
  ];
  const said = { shipped: 'is on its way', delivered: 'was delivered', cancelled: 'was cancelled' } as const;
  if (order.status === 'shipped' || order.status === 'delivered' || order.status === 'cancelled') {
    const words = said[order.status];
    news.push({
      ...about,
      title: `Your order ${words}`,
      body: `${order.id} (${what}) ${words}.`,
      createdAt: order.updatedAt,
    });
  }
  return news;
}

function generalNews(user: UserSeed, now: Date, random: Random): Draft[] {
  return Array.from({ length: random.integer(5, 12) }, () => {
    const isOffer = random.chance(0.75);
    const [title, body] = random.pick(isOffer ? offers : accountNews);
    const createdAt = daysBefore(now, random.integer(0, 149), random.integer(3_600, 86_399));
    return { userId: user.id, kind: isOffer ? ('offer' as const) : ('account' as const), title, body, createdAt };
  });
}

/** News of the last five months: about orders, offers and accounts; what is older is mostly read. */
export function createNotifications(
  seed: number,
  now: Date,
  world: { users: UserSeed[]; orders: OrderSeed[] },
): NotificationSeed[] {
  const random = createRandom(seed, 'notifications');
  const oldest = now.getTime() - newsWindowMs;
  const drafts = [
    ...world.orders.filter((order) => order.placedAt.getTime() > oldest).flatMap(orderNews),
    ...world.users.flatMap((user) => generalNews(user, now, random)),
  ].toSorted((left, right) => left.createdAt.getTime() - right.createdAt.getTime());
  return drafts.map((draft, index) => {
    const ageMs = now.getTime() - draft.createdAt.getTime();
    const isRead = random.chance(ageMs < 10 * dayMs ? 0.25 : 0.75);
    const readAfterMs = Math.min(ageMs, random.integer(1, 40) * hourMs);
    return {
      id: `notification-${index + 1}`,
      ...draft,
      readAt: isRead ? new Date(draft.createdAt.getTime() + readAfterMs) : null,
    };
  });
}
