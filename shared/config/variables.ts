import { z } from 'zod';

/** A whole number between two bounds, both included. */
export function integer(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

export const port = integer(0, 65_535);

/** Spelled out: a typing error in a flag must not count as "off". */
export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

/** A URL of one of these protocols, without credentials where it is not `redis:`. */
export function url(...protocols: readonly string[]) {
  return z.string().refine(
    (value) => {
      const parsed = URL.parse(value);
      if (parsed === null || !protocols.includes(parsed.protocol) || parsed.hostname === '') return false;
      return parsed.protocol.startsWith('redis') || (parsed.username === '' && parsed.password === '');
    },
    `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  );
}

/** Comma-separated; every entry is held against `entry`. */
export function list<T extends z.ZodType<unknown, string>>(entry: T) {
  return z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(entry));
}

/** Whether a URL stays on this machine: the one place where plain HTTP gives nothing away. */
export function isLoopback(value: string): boolean {
  const host = URL.parse(value)?.hostname;
  return host === 'localhost' || host === '[::1]' || (host?.startsWith('127.') ?? false);
}
