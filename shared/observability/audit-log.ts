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

/** Writes beside the other lines, marked `audit: true`, so that a collector can keep them longer. */
export function createAuditLog(logger: Logger): AuditLog {
  const own = logger.child({ audit: true }, { level: logger.level === 'silent' ? 'silent' : 'info' });
  return { record: (event) => own.info(event, 'audit') };
}
