import type { Clock } from '../clock.ts';
import { createLineBudget } from './line-budget.ts';
import type { Logger } from './logger.ts';

/** Something that somebody may be asked about later. */
export interface AuditEvent {
  readonly event: 'authentication' | 'refusal' | 'mutation' | 'foreign-access' | 'switch' | 'purge';
  /** The viewer's id, `operator`, or null: nobody signed in. */
  readonly who: string | null;
  /** What was asked for: an operation, a field, a service. */
  readonly what: string;
  /** `ok`, or the code of the failure. */
  readonly outcome: string;
  readonly requestId: string;
  readonly address?: string;
  /** For the people who read it, never for a client. */
  readonly reason?: string;
}

/** One line each, whatever the log level is; never a token, a password or a card. */
export interface AuditLog {
  record(event: AuditEvent): void;
}

/** What a flood of forged tokens may write of one kind. */
const maxLinesPerSecond = 1000;

/** Writes beside the other lines, marked `audit: true`, so that a collector can keep them longer. What succeeded is never left out. */
export function createAuditLog(logger: Logger, clock: Clock): AuditLog {
  const own = logger.child({ audit: true }, { level: logger.level === 'silent' ? 'silent' : 'info' });
  const mayWrite = createLineBudget<AuditEvent['event']>({
    maxPerSecond: maxLinesPerSecond,
    onLeftOut: (event, suppressed) => own.warn({ event, suppressed }, 'audit lines were left out'),
    clock,
  });

  return {
    record(event) {
      if (event.outcome === 'ok' || mayWrite(event.event)) own.info(event, 'audit');
    },
  };
}
