/** A service that asks for more than a day has made a mistake. */
const longestMs = 86_400_000;

/** All three forms of a date that HTTP knows (RFC 9110 §5.6.7) have a day's name and a time: `Date.parse` alone makes a date of "soon 12". */
const dateForm = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/;

/** What a `Retry-After` asks for, in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3); undefined where it says neither. */
export function retryAfterMs(header: string | undefined, wallMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : dateForm.test(text)
      ? Date.parse(inUtc(text)) - wallMs
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(longestMs, Math.max(0, ms));
}

/** The oldest of the three forms names no zone. */
function inUtc(date: string): string {
  return date.endsWith('GMT') ? date : `${date} GMT`;
}
