import { homeAssortments } from './assortment-home.ts';
import { leisureAssortments } from './assortment-leisure.ts';
import { outdoorAssortments } from './assortment-outdoors.ts';
import type { Assortment } from './product-kind.ts';

export interface CategorySeed {
  id: string;
  name: string;
  parentId: string | null;
  position: number;
}

export const assortments: readonly Assortment[] = [...homeAssortments, ...outdoorAssortments, ...leisureAssortments];

const parents = [
  { id: 'home', name: 'Home & Living' },
  { id: 'outdoors', name: 'Outdoors' },
  { id: 'leisure', name: 'Books & Games' },
  { id: 'electronics', name: 'Electronics' },
] as const;

/** Four departments and the twelve categories in them, in the order of the menu. */
export function createCategories(): CategorySeed[] {
  return parents.flatMap((parent, parentIndex) => [
    { id: parent.id, name: parent.name, parentId: null, position: (parentIndex + 1) * 100 },
    ...assortments
      .filter((assortment) => assortment.parentId === parent.id)
      .map((assortment, index) => ({
        id: assortment.id,
        name: assortment.name,
        parentId: parent.id,
        position: (parentIndex + 1) * 100 + index + 1,
      })),
  ]);
}
