import type { Route } from './service.ts';

interface CompiledRoute {
  route: Route;
  /** As the control server counts it: `GET /products/{id}`. */
  key: string;
  segments: string[];
  placeholders: number;
}

export type Match =
  | { kind: 'found'; route: Route; key: string; path: Record<string, string> }
  | { kind: 'wrong-method'; allow: string[] }
  | { kind: 'none' };

/** The name of a route in counts and faults. */
export function routeKey(route: Route): string {
  return `${route.operation.method} ${route.operation.path}`;
}

function matchSegments(pattern: readonly string[], actual: readonly string[]): Record<string, string> | null {
  if (pattern.length !== actual.length) return null;
  const path: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = actual[index] ?? '';
    if (!expected.startsWith('{')) {
      if (segment !== expected) return null;
      continue;
    }
    try {
      path[expected.slice(1, -1)] = decodeURIComponent(segment);
    } catch {
      return null;
    }
  }
  return path;
}

/** Finds the route of a request; a literal segment wins over a placeholder. */
export function createRouter(routes: readonly Route[]): (method: string, pathname: string) => Match {
  const compiled = routes
    .map((route): CompiledRoute => {
      const segments = route.operation.path.split('/');
      return {
        route,
        key: routeKey(route),
        segments,
        placeholders: segments.filter((part) => part.startsWith('{')).length,
      };
    })
    .toSorted((left, right) => left.placeholders - right.placeholders);

  return (method, pathname) => {
    const actual = pathname.split('/');
    const allow: string[] = [];
    for (const candidate of compiled) {
      const path = matchSegments(candidate.segments, actual);
      if (!path) continue;
      if (candidate.route.operation.method === method)
        return { kind: 'found', route: candidate.route, key: candidate.key, path };
      allow.push(candidate.route.operation.method);
    }
    return allow.length > 0 ? { kind: 'wrong-method', allow: [...new Set(allow)] } : { kind: 'none' };
  };
}
