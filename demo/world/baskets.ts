import type { ProductSeed } from './products.ts';
import { createRandom, type Random } from './random.ts';

export interface Draw {
  product: ProductSeed;
  quantity: number;
}

export interface Baskets {
  /** `rank` counts the buyer's orders, newest first. */
  draw(userId: string, rank: number, ageMs: number): Draw[];
}

/** The buyer whose last 20 orders hold exactly 100 distinct products: the largest batch that a catalog takes at once. */
const wideBuyer = { id: 'user-2', orders: 20, linesPerOrder: 5 };
const lineCounts = [1, 1, 1, 2, 2, 2, 3, 3, 4, 5];

function favouritesOf(seed: number, userId: string, categories: readonly string[]): string[] {
  return createRandom(seed, `favourites/${userId}`).shuffle(categories).slice(0, 4);
}

/** What people buy together: each buyer has favourite categories, and some products sell far more than others. */
export function createBaskets(seed: number, products: readonly ProductSeed[], now: Date): Baskets {
  const random = createRandom(seed, 'baskets');
  const evergreen = products.filter((product) => now.getTime() - product.createdAt.getTime() > 549 * 86_400_000);
  const categories = [...new Set(products.map((product) => product.categoryId))];
  const byCategory = new Map(
    categories.map((category) => [category, products.filter((product) => product.categoryId === category)]),
  );
  const favourites = new Map<string, string[]>();
  const wide = createRandom(seed, 'baskets/wide').shuffle(evergreen);

  function drawProduct(userId: string, ageMs: number): ProductSeed {
    const own = favourites.get(userId) ?? favouritesOf(seed, userId, categories);
    favourites.set(userId, own);
    const category = random.chance(0.8) ? random.pickSkewed(own) : random.pick(categories);
    const candidate = random.pickSkewed(byCategory.get(category) ?? products);
    const wasOnSale = candidate.createdAt.getTime() < now.getTime() - ageMs;
    return wasOnSale ? candidate : random.pick(evergreen);
  }

  function drawDistinct(count: number, drawOne: () => ProductSeed): ProductSeed[] {
    const drawn = new Set<ProductSeed>();
    for (let tries = 0; drawn.size < count && tries < count * 20; tries += 1) drawn.add(drawOne());
    return [...drawn];
  }

  function drawQuantity(source: Random): number {
    if (source.chance(0.82)) return 1;
    return source.chance(0.8) ? 2 : source.integer(3, 6);
  }

  return {
    draw(userId, rank, ageMs) {
      const isWide = userId === wideBuyer.id && rank < wideBuyer.orders;
      const chosen = isWide
        ? wide.slice(rank * wideBuyer.linesPerOrder, (rank + 1) * wideBuyer.linesPerOrder)
        : drawDistinct(random.pick(lineCounts), () => drawProduct(userId, ageMs));
      return chosen.map((product) => ({ product, quantity: drawQuantity(random) }));
    },
  };
}
