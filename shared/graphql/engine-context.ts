import type { RequestTrace } from '../observability/request-trace.ts';
import type { DegradedLog } from './degraded-log.ts';

/** Remembers whether an answer depends on who asked: it starts as public and can only become personal. */
export interface Audience {
  readonly isPersonal: boolean;
  markPersonal(): void;
}

/** An answer that nothing of the viewer's has touched yet. */
export function createAudience(): Audience {
  const audience = {
    isPersonal: false,
    markPersonal() {
      audience.isPersonal = true;
    },
  };
  return audience;
}

/** Who asks, as far as the engine needs to know. */
export interface EngineViewer {
  readonly id: string;
  readonly scopes: ReadonlySet<string>;
}

/**
 * What the engine needs of a request's context; each server's own context extends it. Reading `viewer` must mark
 * `audience` as personal: that is how an answer is proved to be public.
 */
export interface EngineContext {
  readonly requestId: string;
  readonly viewer: EngineViewer | null;
  readonly audience: Audience;
  readonly degraded: DegradedLog;
  /** The downstream calls of this answer so far. */
  readonly report: CallCounter;
  /** Undefined where the request is not traced. */
  readonly trace?: RequestTrace | undefined;
  /** Without it no answer is given out twice. */
  readonly parts?: AnswerParts;
}

/** What an answer was made of. */
export interface AnswerParts {
  /** Whether all of it is at hand in this process, to be served so again. */
  readonly isWhole: boolean;
  /** Whether some of it had to be brought first. */
  readonly wasFetched: boolean;
  /** Whether some of it stands in, past its revalidate window: while its call is under way, or its service is not asked. */
  readonly hasStandins: boolean;
  /** How many parts. */
  readonly size: number;
  /** Whether all of it is still there and would be served as it was. */
  isCurrent(): boolean;
}

/** What the engine reads of the report on downstream calls; see `call-report.ts`. */
export interface CallCounter {
  /** Downstream calls so far. */
  readonly callCount: number;
  /** Those that were let out: an open breaker, a night switch and a deadline that is over keep calls in. */
  readonly sentCount: number;
  /** In a word, what an answer that took this long was waiting for. */
  slowReason(durationMs: number): string;
  /** What `extensions.report` shows in development. */
  toJSON(): unknown;
}
