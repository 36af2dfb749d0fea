import { AppError } from '../../errors.ts';
import type { OpenSpan, RequestTrace } from '../../observability/request-trace.ts';
import { type Place, pathOf } from './place.ts';

/** A span for a section of a traced answer: a field that waits. Those within lists are left out: their batches tell the same, once. */
export function beginSection(trace: RequestTrace, place: Place): OpenSpan | undefined {
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
    if (typeof at.key === 'number') return undefined;
  }
  const { parentType, name } = place.shape.asked;
  return trace.begin(`section ${parentType.name}.${name}`, 'internal');
}

/** `settled`: its value, or why it has none. */
export function endSection(span: OpenSpan, place: Place, settled: unknown): void {
  const code = settled instanceof AppError ? settled.code : 'INTERNAL_SERVER_ERROR';
  span.end({ 'graphql.path': pathOf(place).join('.') }, settled instanceof Error ? code : undefined);
}
