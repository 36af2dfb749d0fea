import { readFileSync } from 'node:fs';
import type { GraphqlAnswer } from '../../test/support/stack.ts';
import type { Lab, ServerUnderFault } from './lab.ts';
import { pause } from './outcome.ts';

const dashboard = readFileSync(new URL('../../schema/operations/web/dashboard.graphql', import.meta.url), 'utf8');

/** What a request may fail with while a service of its own is faulted. */
const expectedCodes = new Set([
  'CIRCUIT_OPEN',
  'DOWNSTREAM_UNAVAILABLE',
  'DOWNSTREAM_TIMEOUT',
  'DOWNSTREAM_BAD_RESPONSE',
  'DEADLINE_EXCEEDED',
  'OVERLOADED',
]);

export interface IsolationRun {
  readonly requests: number;
  /** Answers that came with all that was asked, kept or fresh. */
  readonly complete: number;
  readonly foreign: readonly string[];
  readonly unexpected: readonly string[];
}

/** Faults that come and go, each in turn, for as long as viewers ask. */
const schedule = [
  ['catalog', { status: 503, rate: 0.3 }],
  ['orders', { reset: true, rate: 0.2 }],
  ['recommendations', { hang: true, rate: 0.1 }],
  ['users', { malformed: true, rate: 0.2 }],
  ['analytics', { delayMs: 300, rate: 0.5 }],
  ['notifications', { status: 500, rate: 0.5 }],
] as const;

/** Interleaved requests of many viewers with faults on: nobody may see what is another's. */
export async function runIsolation(
  lab: Lab,
  server: ServerUnderFault,
  size: { viewers: number; requestsEach: number; atOnce: number },
): Promise<IsolationRun> {
  const ids = Array.from({ length: size.viewers }, (_, index) => `user-${index + 1}`);
  const tokens = await Promise.all(ids.map((id) => lab.shop.token(id)));
  const owners = new Map<string, string>();
  const foreign: string[] = [];
  const unexpected: string[] = [];
  let complete = 0;
  let next = 0;
  const over = new AbortController();

  function own(kind: string, id: string, viewerId: string): void {
    const owner = owners.get(`${kind} ${id}`) ?? viewerId;
    owners.set(`${kind} ${id}`, owner);
    if (owner !== viewerId) foreign.push(`${viewerId} sees ${kind} ${id} of ${owner}`);
  }

  function check({ status, body }: GraphqlAnswer, viewerId: string): void {
    const codes = body.errors?.map(({ extensions }) => String(extensions['code'])) ?? [];
    unexpected.push(...codes.filter((code) => !expectedCodes.has(code)));
    const found = body.data?.dashboard;
    if (status !== 200 || found == null) {
      unexpected.push(`HTTP ${status} without a dashboard`);
      return;
    }
    if (codes.length === 0) complete += 1;
    if (found.profile && found.profile.viewer.id !== viewerId)
      foreign.push(`${viewerId} is ${found.profile.viewer.id}`);
    for (const { id } of found.orders?.nodes ?? []) own('order', id, viewerId);
    for (const { id } of found.notifications?.nodes ?? []) own('notification', id, viewerId);
    for (const { id } of found.profile?.viewer.addresses ?? []) own('address', id, viewerId);
  }

  async function run(): Promise<void> {
    while (next < size.viewers * size.requestsEach) {
      const index = next++ % size.viewers;
      check(await server.ask(dashboard, { token: tokens[index] ?? '' }), ids[index] ?? '');
    }
  }

  async function fault(): Promise<void> {
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      lab.mend();
      for (const [service, rule] of [schedule[turn % 6], schedule[(turn + 2) % 6]].flatMap((entry) =>
        entry ? [entry] : [],
      )) {
        lab.fault(service, rule);
      }
      await pause(150);
    }
    lab.mend();
  }

  const faulting = fault();
  await Promise.all(Array.from({ length: size.atOnce }, run));
  over.abort();
  await faulting;
  return { requests: size.viewers * size.requestsEach, complete, foreign, unexpected };
}
