/** A median, or a ratio of sums, with the interval that holds it in 90 of 100 cases. */
export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const resamples = 4000;
const confidence = 0.9;

/** The middle value; of an even count, the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/**
 * The median of the rounds with its 90 % interval, by bootstrap: of nine rounds, order statistics offer 82 % or 96 %, and a goal
 * is met when the interval's better end meets it, so a wider one would be a gift.
 */
export function figureOf(values: readonly number[]): Figure {
  if (values.length === 0) throw new Error('There is no figure of no rounds.');
  return { median: median(values), ...interval((resample) => median(resample(values)), drawSingly) };
}

/** What two did in the same round. */
export type Pair = readonly [one: number, other: number];

/**
 * All that the one did beside all that the other did, by what that ratio was before, with its 90 % interval: rounds of both times
 * are drawn anew, in blocks, since what comes in waves makes neighbours alike.
 */
export function changeOfRatio(before: readonly Pair[], during: readonly Pair[]): Figure {
  const change = (resample: Resample): number => ratioOfSums(resample(during)) / ratioOfSums(resample(before));
  return { median: change((rounds) => rounds), ...interval(change, drawBlocks) };
}

function ratioOfSums(rounds: readonly Pair[]): number {
  return mean(rounds.map(([one]) => one)) / mean(rounds.map(([, other]) => other));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Some of these values, as many, drawn by chance. */
type Resample = <T>(values: readonly T[]) => readonly T[];

function interval(middleOf: (resample: Resample) => number, draw: (random: () => number) => Resample) {
  const resample = draw(createRandom());
  const middles = Array.from({ length: resamples }, () => middleOf(resample)).toSorted((a, b) => a - b);
  const cut = Math.floor((resamples * (1 - confidence)) / 2);
  return { low: middles[cut] ?? Number.NaN, high: middles[resamples - 1 - cut] ?? Number.NaN };
}

function drawSingly(random: () => number): Resample {
  return (values) => values.map(() => values[Math.floor(random() * values.length)] as (typeof values)[number]);
}

/** Of rounds of a second: as long as the waves in which what was fetched together falls due. */
const blockLength = 5;

function drawBlocks(random: () => number): Resample {
  return (values) => {
    const drawn: (typeof values)[number][] = [];
    while (drawn.length < values.length) {
      const from = Math.floor(random() * values.length);
      for (let at = from; at < from + blockLength; at += 1)
        drawn.push(values[at % values.length] as (typeof values)[number]);
    }
    return drawn.slice(0, values.length);
  };
}

/** Of something that was measured once. */
export function single(value: number): Figure {
  return { median: value, low: value, high: value };
}

/** Mulberry32 with a fixed seed: the same rounds give the same interval. */
function createRandom(): () => number {
  let state = 0x2026_11_22;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
