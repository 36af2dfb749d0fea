export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Both ends included. */
  integer(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Leans towards the front of the list: what stands first is drawn most. */
  pickSkewed<T>(list: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
}

function hash(text: string, salt: number): number {
  let state = 0x811c9dc5 ^ salt;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
    state = (state << 13) | (state >>> 19);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) | 0;
}

function itemAt<T>(list: readonly T[], index: number): T {
  if (index >= list.length) throw new RangeError('Cannot draw from an empty list.');
  return list[index] as T;
}

/**
 * A generator of its own for each named stream, so that one more draw in one stream leaves the others as they are.
 * sfc32 in 32-bit integer arithmetic: the same numbers on every machine.
 */
export function createRandom(seed: number | string, stream: string): Random {
  const key = `${seed}:${stream}`;
  let a = hash(key, 0x9e3779b9);
  let b = hash(key, 0x243f6a88);
  let c = hash(key, 0xb7e15162);
  let counter = 1;

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }
  for (let warmUp = 0; warmUp < 12; warmUp += 1) next();

  function integer(min: number, max: number): number {
    return min + Math.floor(next() * (max - min + 1));
  }

  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (list) => itemAt(list, Math.floor(next() * list.length)),
    pickSkewed(list) {
      const draw = next();
      return itemAt(list, Math.floor(draw * draw * list.length));
    },
    shuffle<T>(list: readonly T[]): T[] {
      const shuffled = [...list];
      for (let index = shuffled.length - 1; index > 0; index -= 1) {
        const other = integer(0, index);
        const kept = itemAt(shuffled, index);
        shuffled[index] = itemAt(shuffled, other);
        shuffled[other] = kept;
      }
      return shuffled;
    },
  };
}
