import type { Profiler } from 'node:inspector';
import { fileURLToPath } from 'node:url';

export interface SelfTime {
  readonly name: string;
  readonly place: string;
  /** Of the time that was not idle. */
  readonly share: number;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where a CPU profile's time went: by function, and by whose code it is; most first. */
export function sumSelfTime(profile: Profiler.Profile): {
  readonly functions: readonly SelfTime[];
  readonly owners: readonly SelfTime[];
} {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFunction = new Map<string, { name: string; place: string; us: number }>();
  const byOwner = new Map<string, number>();
  let busyUs = 0;
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const frame = frames.get(id);
    const us = profile.timeDeltas?.[index] ?? 0;
    // The profiler's own start is a long frame of its own.
    if (frame === undefined || frame.functionName === '(idle)' || frame.url === 'node:inspector') continue;
    busyUs += us;
    const place = placeOf(frame.url);
    const name = frame.functionName || '(anonymous)';
    const key = `${name} ${place}:${frame.lineNumber}`;
    const known = byFunction.get(key);
    if (known) known.us += us;
    else byFunction.set(key, { name, place: place === '' ? '' : `${place}:${frame.lineNumber + 1}`, us });
    const owner = ownerOf(name, place);
    byOwner.set(owner, (byOwner.get(owner) ?? 0) + us);
  }
  const share = (us: number) => us / busyUs;
  return {
    functions: [...byFunction.values()]
      .map(({ name, place, us }) => ({ name, place, share: share(us) }))
      .toSorted((a, b) => b.share - a.share),
    owners: [...byOwner]
      .map(([name, us]) => ({ name, place: '', share: share(us) }))
      .toSorted((a, b) => b.share - a.share),
  };
}

function placeOf(url: string): string {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  return path.startsWith(root) ? path.slice(root.length).replace(/^dist\//, '') : path;
}

/** `undici`, `node:http`, `shared/cache`, `(garbage collector)`. */
function ownerOf(name: string, place: string): string {
  const [, dependency] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(place) ?? [];
  if (dependency !== undefined) return dependency;
  if (place.startsWith('node:')) return place.replace(/^node:(?:internal\/)?([^/]+).*$/, 'node:$1');
  if (place === '') return name.startsWith('(') ? name : 'V8 and built-in functions';
  return place.split('/').slice(0, 2).join('/');
}
