import { assortments } from './assortment.ts';
import { charmPrice, currencies, type Money } from './money.ts';
import type { PhotographRecipe } from './photographs.ts';
import type { Assortment, Kind } from './product-kind.ts';
import { createRandom, type Random } from './random.ts';
import { daysBefore } from './time.ts';

export interface ProductImageSeed {
  file: string;
  width: number;
  height: number;
  alt: string;
  version: string;
}

export interface ProductSeed {
  id: string;
  sku: string;
  name: string;
  description: string;
  brand: string;
  categoryId: string;
  prices: Money[];
  available: number;
  images: ProductImageSeed[];
  ratingAverage: number;
  ratingCount: number;
  createdAt: Date;
  updatedAt: Date;
}

interface Draft {
  assortment: Assortment;
  kind: Kind;
  material: string;
  sizeIndex: number;
}

const productsPerCategory = 48;
const angles = [
  'seen from the front',
  'seen from above',
  'in use',
  'a detail of the material',
  'beside a hand for scale',
];

function allDrafts(assortment: Assortment): Draft[] {
  return assortment.kinds.flatMap((kind) =>
    kind.materials.flatMap((material) => kind.sizes.map((_, sizeIndex) => ({ assortment, kind, material, sizeIndex }))),
  );
}

function nameOf(draft: Draft, series: string): string {
  const size = draft.kind.sizes[draft.sizeIndex] ?? '';
  if (draft.assortment.id === 'books') return `${draft.material}: ${draft.kind.noun} (${size})`;
  if (draft.assortment.id === 'board-games') return `${series}: ${draft.material} ${draft.kind.noun}, ${size}`;
  const [noun, ...rest] = draft.kind.noun.split(', ');
  return `${series} ${draft.material} ${noun}, ${[...rest, size].join(', ')}`;
}

function euroCentsOf(draft: Draft, random: Random): number {
  const [low, high] = draft.kind.euros;
  const step = (high - low) / Math.max(1, draft.kind.sizes.length - 1);
  const euros = low + step * draft.sizeIndex;
  return Math.round(euros * random.integer(88, 112));
}

function drawStock(random: Random): number {
  const draw = random.next();
  if (draw < 0.05) return 0;
  if (draw < 0.16) return random.integer(1, 5);
  return random.integer(6, 400);
}

function drawImages(name: string, photographs: readonly PhotographRecipe[], random: Random): ProductImageSeed[] {
  return random
    .shuffle(photographs)
    .slice(0, random.integer(3, 5))
    .map(({ file, width, height, version }, index) => ({
      file,
      width,
      height,
      alt: `${name}, ${angles[index] ?? 'another view'}`,
      version,
    }));
}

/** 576 products, 48 in each of the twelve categories; most of them older than the oldest order. */
export function createProducts(seed: number, now: Date, photographs: readonly PhotographRecipe[]): ProductSeed[] {
  let number = 0;
  return assortments.flatMap((assortment) => {
    const random = createRandom(seed, `products/${assortment.id}`);
    const ownPhotographs = photographs.filter((photograph) => photograph.scene === assortment.id);
    const drafts = random.shuffle(allDrafts(assortment)).slice(0, productsPerCategory);
    return drafts.map((draft): ProductSeed => {
      number += 1;
      const brand = random.pick(assortment.brands);
      const name = nameOf(draft, random.pick(assortment.series));
      const euroCents = euroCentsOf(draft, random);
      const createdDaysAgo = random.chance(0.85) ? random.integer(560, 2_000) : random.integer(5, 559);
      const createdAt = daysBefore(now, createdDaysAgo, random.integer(6 * 3600, 20 * 3600));
      return {
        id: `product-${number}`,
        sku: `${assortment.id.slice(0, 3).toUpperCase()}-${String(random.integer(0, 9_999)).padStart(4, '0')}-${number}`,
        name,
        description: [draft.kind.about, `By ${brand}.`, random.pick(assortment.closings)].join(' '),
        brand,
        categoryId: assortment.id,
        prices: currencies.map((currency) => charmPrice(euroCents, currency)),
        available: drawStock(random),
        images: drawImages(name, ownPhotographs, random),
        ratingAverage: random.integer(34, 49) / 10,
        ratingCount: random.integer(3, 900),
        createdAt,
        updatedAt: daysBefore(now, random.integer(0, Math.min(createdDaysAgo - 1, 90)), random.integer(0, 6 * 3600)),
      };
    });
  });
}
