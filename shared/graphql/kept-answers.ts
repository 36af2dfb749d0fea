import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../clock.ts';
import { ownBytes } from '../memory.ts';
import type { DegradedReport } from './degraded-log.ts';
import type { AnswerParts, EngineViewer } from './engine-context.ts';
import type { Exchange } from './exchange.ts';
import type { Operation } from './execution/operation.ts';
import type { OperationUsage } from './operation-usage.ts';

/** Who asks for what: everything that an answer depends on besides the data that it is made of. */
export interface AnswerQuestion {
  readonly method: string;
  readonly operation: Operation;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly viewer: EngineViewer | null;
}

/** A whole answer, ready to be sent again. */
export interface KeptAnswer {
  readonly cacheControl: string;
  /** JSON in UTF-8; the same object as long as it says the same, so that what is compressed once need not be again. */
  readonly body: Buffer;
  readonly usage: OperationUsage;
}

interface Kept extends KeptAnswer {
  body: Buffer;
  readonly parts: AnswerParts;
  /** Where it tells ages. */
  readonly aging: Aging | undefined;
  /** On the monotonic clock; where it is a viewer's. */
  readonly goesAtMs?: number;
}

/** An answer's report of what is degraded, and how many bytes are before it. */
interface Aging {
  readonly bytesBefore: number;
  readonly report: DegradedReport;
  readonly reportedAtMs: number;
  /** By how much the ages in the body are those of the report. */
  seconds: number;
}

export interface KeptAnswersOptions {
  /** 16 MB: some 5000 home screens. */
  readonly maxBytes?: number;
  readonly clock?: Clock;
}

/**
 * Answers that need not be made again: those whose every part is at hand in this process's memory. One is given out only while
 * each part is still there, undropped, and would be served as it is, so nobody sees through it what a read would not show. What is
 * personal is kept for that viewer's token alone. Where a service had to be asked, an answer is kept only if there was one before
 * it: most of those who ask once do not ask again.
 *
 * What falls due is asked for by the first who comes; the others are given theirs meanwhile. Where something stands in, that is for
 * seconds (`hit-log.ts`), and no longer than the next read would be served it without a wait: then somebody asks again, which is
 * how a service is found to be well. The ages that it tells grow meanwhile.
 */
export interface KeptAnswers {
  /** How many are held at the moment. */
  readonly count: number;
  find(question: AnswerQuestion): KeptAnswer | undefined;
  /** Keeps an answer, if it is one that may be. */
  keep(
    question: AnswerQuestion,
    answer: Omit<KeptAnswer, 'body'> & { readonly body: string },
    exchange: Exchange,
  ): void;
}

/** What an entry weighs besides its body, plain and compressed: its key and usage. */
const overheadBytes = 1500;
/** A part's key, some 70 bytes, and its places in three lists. */
const partBytes = 100;
const maxVariablesLength = 500;
/** A viewer's answer goes by then, whether somebody asks for it or not: after a purge nobody does. A profile is fresh about as long. */
const personalMs = 25_000;
/** Some 5000 answers are looked at each time: well under a millisecond. */
const sweepEveryMs = 5000;

export function createKeptAnswers(options: KeptAnswersOptions = {}): KeptAnswers {
  const { maxBytes = 16 * 1024 * 1024, clock = systemClock } = options;
  const answers = new LRUCache<string, Kept>({
    maxSize: maxBytes,
    sizeCalculation: ({ body, parts }) => 2 * body.length + partBytes * parts.size + overheadBytes,
  });
  const operationNumbers = createNumbering();
  const viewerNumbers = createNumbering();

  /** Undefined where the question is too long to be remembered. */
  function askedIn({ method, operation, variables }: AnswerQuestion): string | undefined {
    const asked = JSON.stringify(variables);
    return asked.length > maxVariablesLength ? undefined : `${method} ${operationNumbers.of(operation)} ${asked}`;
  }

  /** What is made with a look at who asks belongs to that token, or to those who have none. */
  function personalKey(asked: string, viewer: EngineViewer | null): string {
    return `${viewer === null ? 'nobody' : viewerNumbers.of(viewer)} ${asked}`;
  }

  function current(key: string): KeptAnswer | undefined {
    const kept = answers.get(key);
    // One that is not given out any more stays until another takes its place: that says that it is asked for more than once.
    return kept?.parts.isCurrent() ? grownOlder(kept) : undefined;
  }

  function grownOlder(kept: Kept): Kept {
    const { aging } = kept;
    const seconds = aging === undefined ? 0 : Math.floor((clock.nowMs() - aging.reportedAtMs) / 1000);
    if (aging !== undefined && seconds !== aging.seconds) {
      aging.seconds = seconds;
      const older = reportText(aging.report.map((entry) => olderBy(entry, seconds)));
      kept.body = ownBytes(Buffer.concat([kept.body.subarray(0, aging.bytesBefore), Buffer.from(older)]));
    }
    return kept;
  }

  /** Null where the answer does not end with what is degraded: then its ages cannot be told anew. */
  function agingOf(body: Buffer, report: DegradedReport): Aging | null {
    const end = Buffer.from(reportText(report));
    const bytesBefore = body.length - end.length;
    if (bytesBefore < 0 || !body.subarray(bytesBefore).equals(end)) return null;
    return { bytesBefore, report, reportedAtMs: clock.nowMs(), seconds: 0 };
  }

  let isSweepDue = false;

  /** One timer for all: one for each answer would hold it past the bound. */
  function sweepLater(): void {
    if (isSweepDue) return;
    isSweepDue = true;
    setTimeout(sweep, sweepEveryMs).unref();
  }

  function sweep(): void {
    isSweepDue = false;
    const nowMs = clock.nowMs();
    for (const [key, { goesAtMs }] of answers.entries()) {
      if (goesAtMs === undefined) continue;
      if (goesAtMs <= nowMs) answers.delete(key);
      else sweepLater();
    }
  }

  return {
    get count() {
      return answers.size;
    },
    find(question) {
      if (question.operation.definition.operation !== 'query') return undefined;
      const asked = askedIn(question);
      return asked === undefined ? undefined : (current(personalKey(asked, question.viewer)) ?? current(asked));
    },
    keep(question, answer, exchange) {
      const { operation, context } = exchange.ready ?? {};
      if (context?.parts?.isWhole !== true || operation === undefined) return;
      const { definition, isNeverStale, limitsStaleness, sensitiveFields } = operation;
      if (definition.operation !== 'query' || sensitiveFields.length > 0) return;
      // What is given again grows older than it was when these were judged.
      if (isNeverStale || limitsStaleness) return;
      if (exchange.errorCodes.size > 0) return;
      if (context.degraded.count > 0 && !context.parts.hasStandins) return;
      const asked = askedIn(question);
      if (asked === undefined) return;
      const { isPersonal } = context.audience;
      const key = isPersonal ? personalKey(asked, question.viewer) : asked;
      if (context.parts.wasFetched && !answers.has(key)) return;
      const report = context.degraded.toReport();
      const body = ownBytes(answer.body);
      const aging = report && agingOf(body, report);
      if (aging === null) return;
      const kept = { ...answer, body, parts: context.parts, aging };
      answers.set(key, isPersonal ? { ...kept, goesAtMs: clock.nowMs() + personalMs } : kept);
      if (isPersonal) sweepLater();
    },
  };
}

/** The end of an answer that has a report. */
function reportText(report: DegradedReport): string {
  return `,"extensions":${JSON.stringify({ degraded: report })}}`;
}

/** A default has no age. */
function olderBy(entry: DegradedReport[number], seconds: number): DegradedReport[number] {
  if ('more' in entry || entry.reason === 'DEFAULT') return entry;
  return { ...entry, ageSeconds: entry.ageSeconds + seconds };
}

/** Numbers objects in the order in which they are first seen, for as long as they live. */
function createNumbering(): { of(object: object): number } {
  const numbers = new WeakMap<object, number>();
  let last = 0;
  return {
    of(object) {
      const known = numbers.get(object);
      if (known !== undefined) return known;
      last += 1;
      numbers.set(object, last);
      return last;
    },
  };
}
