import type { AskOptions, GraphqlAnswer, GraphqlErrorBody } from '../../test/support/stack.ts';
import type { Lab, ServerUnderFault } from './lab.ts';

/** A query over a healthy service (users) and one that is faulted (the catalog), whose field is nullable. */
export const productQuery = 'query { product(id: "product-22") { id name } viewer { id } }';

/** The same of three hops, each of which needs the one before. */
export const hopsQuery = 'query { search(first: 3) { nodes { id category { id } } } viewer { id } }';

const address = /\d{1,3}(?:\.\d{1,3}){3}|localhost|:\d{2,5}\b|https?:/;

/** How the catalogue names what a client sees of this field: `success`, `null`, `PARTIAL(TIMEOUT)`, `STALE`, `DEFAULT`; else what is wrong with it. */
export function outcomeOf(answer: GraphqlAnswer, field = 'product'): string {
  const { status, body } = answer;
  if (status !== 200)
    return `HTTP ${status} ${body.errors?.map(({ extensions }) => String(extensions['code'])).join() ?? ''}`;
  const errors = body.errors ?? [];
  const [error] = errors;
  if (error === undefined) return withoutError(answer, field);
  const complaint = complaintAbout(answer, errors, field);
  return complaint === null ? `PARTIAL(${codeOf(error)})` : `${codeOf(error)} ${complaint}`;
}

/** The error's code as the catalogue writes it. */
export function codeOf(error: GraphqlErrorBody | undefined): string {
  return String(error?.extensions['code']).replace('DOWNSTREAM_', '');
}

function withoutError({ headers, body }: GraphqlAnswer, field: string): string {
  const degraded = body.extensions?.['degraded'] as readonly { reason: string }[] | undefined;
  if (degraded !== undefined) {
    const isStorable = headers.get('cache-control')?.includes('no-store') !== true;
    if (isStorable) return 'degraded, and may be stored';
    return degraded.some(({ reason }) => reason === 'DEFAULT') ? 'DEFAULT' : 'STALE';
  }
  return body.data?.[field] == null ? 'null' : 'success';
}

function complaintAbout({ body }: GraphqlAnswer, errors: readonly GraphqlErrorBody[], field: string): string | null {
  if (errors.length > 1) return `in ${errors.length} errors`;
  const [error] = errors;
  if (error?.path?.[0] !== field) return `at ${error?.path?.join('.') ?? 'no path'}`;
  if (typeof error.extensions['requestId'] !== 'string') return 'without a request id';
  if (address.test(error.message)) return 'with an address in its message';
  if (body.data == null) return 'without data';
  const others = Object.entries(body.data).filter(([name]) => name !== field);
  return others.every(([, value]) => value !== null) ? null : 'and its sibling is gone';
}

/** Asks this many times, so many at once; returns how often each outcome came. */
export async function askMany(
  server: ServerUnderFault,
  count: number,
  options: { query?: string; field?: string; atOnce?: number; ask?: AskOptions } = {},
): Promise<Map<string, number>> {
  const { query = productQuery, field = 'product', atOnce = 1, ask = {} } = options;
  const outcomes = new Map<string, number>();
  let next = 0;
  async function run(): Promise<void> {
    while (next++ < count) {
      const outcome = outcomeOf(await server.ask(query, ask), field);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, run));
  return outcomes;
}

/** Every outcome that came but this one, with its count; `none` where all came to it. */
export function others(outcomes: ReadonlyMap<string, number>, expected = 'success'): string {
  const wrong = [...outcomes].filter(([outcome]) => outcome !== expected);
  return wrong.length === 0 ? 'none' : wrong.map(([outcome, count]) => `${count} x ${outcome}`).join(', ');
}

/** One answer and how long it took. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const startedAtMs = performance.now();
  const result = await work();
  return { result, ms: Math.round(performance.now() - startedAtMs) };
}

/** Waits until it is so, at most 10 s. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<boolean> {
  const endsAtMs = performance.now() + limitMs;
  while (performance.now() < endsAtMs) {
    if (await isSo()) return true;
    await pause(5);
  }
  return false;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Fails calls to the catalog until its breaker is open. */
export async function openBreaker(lab: Lab, server: ServerUnderFault): Promise<void> {
  lab.fault('catalog', { status: 503 });
  for (let i = 0; i < 20 && (await server.service('catalog')).breaker.state !== 'open'; i += 1) {
    await server.ask(productQuery, { token: lab.token });
  }
}
