import { randomUUID } from 'node:crypto';

const requestIdForm = /^[\w.:+/=-]{1,64}$/;

/** The caller's own request id, or ours where it has line breaks, is 10 KB long or empty: it goes into logs and answers. */
export function readRequestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && requestIdForm.test(header) ? header : randomUUID();
}

const maxTimeoutMs = 3_600_000;

/** The time that a caller gives us, clamped to an hour; null for what is no positive whole number. */
export function readRequestedTimeout(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string' || !/^\d{1,15}$/.test(header)) return null;
  const timeoutMs = Number(header);
  return timeoutMs === 0 ? null : Math.min(timeoutMs, maxTimeoutMs);
}

/** A client's name or version, fit for a log line and a metric; null for anything else. */
export function readClientWord(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && /^\w[\w .+()/-]{0,63}$/.test(header) ? header : null;
}

/** One install of an app, counted by the rate limit where nobody is signed in; null for what cannot be one. */
export function readInstallId(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && /^[\w-]{16,64}$/.test(header) ? header : null;
}
