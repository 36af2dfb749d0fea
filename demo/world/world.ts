import { type CategorySeed, createCategories } from './assortment.ts';
import { createNotifications, type NotificationSeed } from './notifications.ts';
import { createOrders, type OrderSeed } from './orders.ts';
import { createAvatars, createPhotographs, type PhotographRecipe } from './photographs.ts';
import { createProducts, type ProductSeed } from './products.ts';
import { createUsers, type UserSeed } from './users.ts';

/** All that there is on the morning when the shop opens; each service keeps its own copy of its own part. */
export interface World {
  seed: number;
  now: Date;
  photographs: PhotographRecipe[];
  avatars: PhotographRecipe[];
  categories: CategorySeed[];
  products: ProductSeed[];
  users: UserSeed[];
  orders: OrderSeed[];
  notifications: NotificationSeed[];
}

/** The same seed and the same morning give the same world, on every machine. */
export function createWorld(seed: number, now: Date): World {
  const photographs = createPhotographs();
  const avatars = createAvatars();
  const products = createProducts(seed, now, photographs);
  const users = createUsers(seed, now, avatars);
  const orders = createOrders(seed, now, { users, products });
  const notifications = createNotifications(seed, now, { users, orders });
  return { seed, now, photographs, avatars, categories: createCategories(), products, users, orders, notifications };
}
