/** One kind of product; its materials and sizes are multiplied out into single products. */
export interface Kind {
  noun: string;
  /** The smallest and the largest size, in euros. */
  euros: readonly [number, number];
  materials: readonly string[];
  sizes: readonly string[];
  about: string;
}

/** What one category sells, in the words of its buyer. */
export interface Assortment {
  id: string;
  name: string;
  parentId: string;
  brands: readonly string[];
  /** Names of lines, as a maker gives them: "Alder Casserole". */
  series: readonly string[];
  kinds: readonly Kind[];
  closings: readonly string[];
}
