import type { Bound, Fault, Sighting, Value } from './fault.ts';

/** A count. */
export function atMost(limit: number): Bound {
  return { kind: 'at most', limit };
}

/** A count. */
export function atLeast(limit: number): Bound {
  return { kind: 'at least', limit };
}

/** A time on the wall, in milliseconds: what judges it allows for the machine. */
export function withinMs(limit: number): Bound {
  return { kind: 'within', limit };
}

/** A share that the machine has a part in, at least; what judges it allows for the machine. */
export function about(limit: number): Bound {
  return { kind: 'about', limit };
}

/** How many runs a row's figures come from: one says little about times on the wall, or about a share; a count needs no more. */
export function runsOf(fault: Fault): number {
  const kinds = new Set(Object.values(fault.expected).map((bound) => (typeof bound === 'object' ? bound.kind : '')));
  if (kinds.has('within')) return 9;
  return kinds.has('about') ? 3 : 1;
}

/** How many times its figure what the machine has a part in may be. */
export interface Slack {
  readonly time: number;
  readonly share: number;
}

/** What was seen and must not be, one line each. */
export function differences(fault: Fault, seen: Sighting, slack: Slack): string[] {
  return Object.entries(fault.expected).flatMap(([name, expected]) => {
    const value = seen[name];
    return value !== undefined && holds(value, expected, slack)
      ? []
      : [`${name} is ${String(value)}, not ${describe(expected)}`];
  });
}

function holds(value: Value, expected: Value | Bound, slack: Slack): boolean {
  if (typeof expected !== 'object') return value === expected;
  if (typeof value !== 'number') return false;
  switch (expected.kind) {
    case 'at most':
      return value <= expected.limit;
    case 'at least':
      return value >= expected.limit;
    case 'within':
      return value <= expected.limit * slack.time;
    case 'about':
      return value >= expected.limit / slack.share;
  }
}

function describe(expected: Value | Bound): string {
  return typeof expected === 'object' ? `${expected.kind} ${expected.limit}` : String(expected);
}

/** Several runs as one: of times and shares the median, of all else the first that is not as it must be. */
export function summarise(fault: Fault, runs: readonly Sighting[]): Sighting {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const values = runs.flatMap((run) => run[name] ?? []);
      const expected = fault.expected[name];
      const isMeasured = typeof expected === 'object' && (expected.kind === 'within' || expected.kind === 'about');
      if (isMeasured) return [name, median(values)];
      const wrong = values.find((value) => expected !== undefined && !holds(value, expected, exactly));
      return [name, wrong ?? values[0] ?? ''];
    }),
  );
}

const exactly: Slack = { time: 1, share: 1 };

function median(values: readonly Value[]): number {
  const sorted = values.map(Number).toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
