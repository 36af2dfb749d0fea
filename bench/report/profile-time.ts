import type { Profiler } from 'node:inspector';
import { placeOf } from './source-place.ts';

export interface TimeShare {
  readonly name: string;
  readonly place: string;
  /** Of the time that was not idle. */
  readonly share: number;
}

export interface ProfileTimes {
  /** What ran itself, most first. */
  readonly functions: readonly TimeShare[];
  /** The same, summed by whose code it is. */
  readonly owners: readonly TimeShare[];
  /** Our own functions with all that they called. */
  readonly totals: readonly TimeShare[];
}

type Node = Profiler.ProfileNode;

/** Where a CPU profile's time went. */
export function sumProfile({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): ProfileTimes {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const selfUs = new Map<Node, number>();
  let busyUs = 0;
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id);
    // The profiler's own start is a long frame of its own.
    if (node === undefined || isIdle(node) || node.callFrame.url === 'node:inspector') continue;
    const us = timeDeltas[index] ?? 0;
    selfUs.set(node, (selfUs.get(node) ?? 0) + us);
    busyUs += us;
  }
  const functions = new Ledger(busyUs);
  const owners = new Ledger(busyUs);
  for (const [node, us] of selfUs) {
    const { name, place } = describe(node);
    functions.add(name, place, us);
    owners.add(ownerOf(name, place), '', us);
  }
  return { functions: functions.list(), owners: owners.list(), totals: sumTotals(nodes, selfUs, busyUs) };
}

/** A function that calls itself is counted once. */
function sumTotals(nodes: readonly Node[], selfUs: ReadonlyMap<Node, number>, busyUs: number): TimeShare[] {
  const totals = new Ledger(busyUs);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (node: Node, above: ReadonlySet<string>): number => {
    const { name, place } = describe(node);
    const key = `${name} ${place}`;
    const isCounted = isOurs(place) && !above.has(key);
    const below = isCounted ? new Set(above).add(key) : above;
    let us = selfUs.get(node) ?? 0;
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) us += visit(child, below);
    }
    if (isCounted && us > 0) totals.add(name, place, us);
    return us;
  };
  const [top] = nodes;
  if (top !== undefined) visit(top, new Set());
  return totals.list();
}

class Ledger {
  readonly #entries = new Map<string, { name: string; place: string; us: number }>();
  readonly #wholeUs: number;

  constructor(wholeUs: number) {
    this.#wholeUs = wholeUs;
  }

  add(name: string, place: string, us: number): void {
    const key = `${name} ${place}`;
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { name, place, us });
    else entry.us += us;
  }

  list(): TimeShare[] {
    return [...this.#entries.values()]
      .map(({ name, place, us }) => ({ name, place, share: us / this.#wholeUs }))
      .toSorted((a, b) => b.share - a.share);
  }
}

function isIdle({ callFrame }: Node): boolean {
  return callFrame.functionName === '(idle)';
}

function describe({ callFrame }: Node): { name: string; place: string } {
  return { name: callFrame.functionName || '(anonymous)', place: placeOf(callFrame) };
}

function isOurs(place: string): boolean {
  return /^(?:shared|bffs)\//.test(place);
}

/** `undici`, `node:http`, `shared/cache`, `(garbage collector)`. */
function ownerOf(name: string, place: string): string {
  const [, dependency] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(place) ?? [];
  if (dependency !== undefined) return dependency;
  if (place.startsWith('node:')) return place.replace(/^node:(?:internal\/)?([^/:]+).*$/, 'node:$1');
  if (place === '') return name.startsWith('(') ? name : `built in: ${name}`;
  return place.split('/').slice(0, 2).join('/');
}
