/** A service that asks for more than a day has made a mistake. */
const longestMs = 86_400_000;

/** What a `Retry-After` asks for, in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3); undefined where it says neither. */
export function retryAfterMs(header: string | undefined, wallMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d{1,10}$/.test(text)
    ? Number(text) * 1000
    : /[A-Za-z]/.test(text)
      ? Date.parse(text) - wallMs
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(longestMs, Math.max(0, ms));
}
