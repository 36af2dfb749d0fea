export const secondMs = 1_000;
export const hourMs = 3_600 * secondMs;
export const dayMs = 24 * hourMs;

/** The moment so many days before, moved back by some seconds more. */
export function daysBefore(now: Date, days: number, seconds = 0): Date {
  return new Date(now.getTime() - days * dayMs - seconds * secondMs);
}

/** Today at 00:00 UTC. */
export function startOfDay(at: Date): Date {
  return new Date(Math.floor(at.getTime() / dayMs) * dayMs);
}
