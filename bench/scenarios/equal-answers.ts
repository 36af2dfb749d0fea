import { isDeepStrictEqual } from 'node:util';
import type { Contender } from '../contenders/contender.ts';
import { parseAnswer } from '../load/body.ts';
import type { SampledAnswer } from '../load/turn.ts';
import { dataOf, type Screen } from '../screens.ts';

const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** `asOf` says when a service was asked: of two answers it differs, and is held to be a time. */
function withoutMoments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMoments);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name === 'asOf' && typeof member === 'string' && moment.test(member)
        ? [name, 'a time']
        : [name, withoutMoments(member)],
    ),
  );
}

/** What every viewer's screen is, by the reference. */
export async function readExpected(reference: Contender): Promise<readonly unknown[]> {
  const expected: unknown[] = [];
  for (let viewer = 0; viewer < reference.requests.length; viewer += 1) {
    expected.push(withoutMoments((await reference.ask(viewer)).data));
  }
  return expected;
}

/** @throws Error - a contender answers some viewer with other data than the reference does. */
export async function checkEqual(contender: Contender, expected: readonly unknown[]): Promise<void> {
  for (const [viewer, data] of expected.entries()) {
    const answered = withoutMoments((await contender.ask(viewer)).data);
    if (!isDeepStrictEqual(answered, data)) throw new Error(describeDifference(contender, viewer, [answered, data]));
  }
}

/** How many of the answers that were sampled under load are whole and right. */
export function countEqual(
  samples: readonly SampledAnswer[],
  { spec }: Contender,
  known: { readonly screen: Screen; readonly expected: readonly unknown[] },
): number {
  return samples.filter(({ index, encoding, base64 }) => {
    try {
      const answer = parseAnswer({ body: Buffer.from(base64, 'base64'), encoding });
      return isDeepStrictEqual(withoutMoments(dataOf(known.screen, spec, answer)), known.expected[index]);
    } catch {
      return false;
    }
  }).length;
}

function describeDifference({ spec }: Contender, viewer: number, [answered, expected]: [unknown, unknown]): string {
  const [path, left, right] = findDifference(answered, expected, []) ?? [[], answered, expected];
  const show = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 200);
  return `${spec.label} answers viewer ${viewer} with ${show(left)} at ${path.join('.')}, where the reference has ${show(right)}.`;
}

type Difference = [path: readonly string[], left: unknown, right: unknown];

function findDifference(left: unknown, right: unknown, path: readonly string[]): Difference | null {
  if (isDeepStrictEqual(left, right)) return null;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return [path, left, right];
  }
  const [mine, theirs] = [left as Record<string, unknown>, right as Record<string, unknown>];
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const found = findDifference(mine[name], theirs[name], [...path, name]);
    if (found !== null) return found;
  }
  return [path, left, right];
}
