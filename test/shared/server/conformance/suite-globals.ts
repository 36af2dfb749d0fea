import { registerHooks } from 'node:module';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it as test, vi } from 'vitest';

type Body = (...args: unknown[]) => unknown;
type AsyncBody = (...args: unknown[]) => Promise<void>;

/** The cases in which we differ, by their path (`describe > describe > case`), each with the reason. */
export type Differences = Readonly<Record<string, string>>;

/** Where in which suite we are: Vitest calls the body of a group after its parent's. */
interface Place {
  readonly path: readonly string[];
  readonly differences: Differences;
  readonly seen: Set<string>;
}

let place: Place = { path: [], differences: {}, seen: new Set() };

/** Jest hands a test or a hook that takes an argument a callback to end it by. */
function awaitDone(body: Body): AsyncBody {
  if (body.length === 0) return async () => void (await body());
  return () =>
    new Promise<void>((resolve, reject) => {
      body((error?: Error) => (error === undefined ? resolve() : reject(error)));
    });
}

/** Cases on the list are held to the contrary: one that passes after all must leave it, so it cannot grow stale. */
function expectDifference(title: string, body: AsyncBody): AsyncBody {
  const fullName = [...place.path, title].join(' > ');
  if (!Object.hasOwn(place.differences, fullName)) return body;
  place.seen.add(fullName);
  return async (...args) => {
    const { unmatched } = expect.getState().snapshotState;
    const earlier = new Set(unmatched.keys());
    const outcome = await body(...args).then(
      () => 'passes: take it off the list of differences',
      () => 'differs',
    );
    // A snapshot in which we differ as listed is no failed one, which is how Vitest has counted it.
    for (const testId of unmatched.keys()) if (!earlier.has(testId)) unmatched.delete(testId);
    expect(outcome).toBe('differs');
  };
}

/** A suite's table of cases: Jest spreads a row that is a list. */
function rowsOf(table: readonly unknown[]): readonly (readonly unknown[])[] {
  return table.map((row) => (Array.isArray(row) ? (row as unknown[]) : [row]));
}

function defineTest(title: string, body: Body, timeoutMs?: number): void {
  test(title, expectDifference(title, awaitDone(body)), timeoutMs);
}

function defineGroup(title: string, body: Body): void {
  const own = { ...place, path: [...place.path, title] };
  describe(title, () => {
    place = own;
    body();
  });
}

const it = Object.assign(defineTest, {
  skip: () => {},
  each: (table: readonly unknown[]) => (title: string, body: Body) => {
    for (const [index, row] of rowsOf(table).entries()) defineTest(`${title} #${index}`, async () => body(...row));
  },
});

const globals = {
  it,
  test: it,
  describe: Object.assign(defineGroup, {
    skip: () => {},
    each: (table: readonly unknown[]) => (title: string, body: Body) => {
      for (const [index, row] of rowsOf(table).entries()) defineGroup(`${title} #${index}`, () => body(...row));
    },
  }),
  expect,
  beforeAll: (body: Body) => beforeAll(awaitDone(body)),
  afterAll: (body: Body) => afterAll(awaitDone(body)),
  beforeEach: (body: Body) => beforeEach(awaitDone(body)),
  afterEach: (body: Body) => afterEach(awaitDone(body)),
  jest: vi,
};

const virtual = 'suite-globals:jest';
Object.assign(globalThis, { [Symbol.for(virtual)]: globals });

/** Apollo's suite is written for Jest: what it imports of Jest's is Vitest's own here. */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals' ? { url: virtual, format: 'commonjs', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === virtual
      ? { format: 'commonjs', source: `module.exports = globalThis[Symbol.for('${virtual}')];`, shortCircuit: true }
      : next(url, context),
});

/** Defines a suite whose listed cases must differ; a list that names a case which there is none of fails. */
export function defineWithDifferences(title: string, listed: Differences, define: () => void): void {
  describe(title, () => {
    const own: Place = { path: [], differences: listed, seen: new Set() };
    place = own;
    define();
    test('has every case that is listed as different', () => {
      expect(Object.keys(listed).filter((name) => !own.seen.has(name))).toEqual([]);
    });
  });
}
