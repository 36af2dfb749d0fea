const units = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of `45s`, `30m` or `2h`; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,5})([smh])$/.exec(text);
  if (match === null) return null;
  const amount = Number(match[1]);
  const unit = match[2] as keyof typeof units;
  return amount > 0 ? amount * units[unit] : null;
}
