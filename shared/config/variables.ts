import { isIP } from 'node:net';
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

/** An origin as a browser sends it: http or https, host, port where it is not the scheme's own; never `*`. */
export const origin = z
  .string()
  .refine(
    (value) => /^https?:/.test(value) && URL.parse(value)?.origin === value,
    'must be a comma-separated list of origins such as https://shop.example (http or https, no path, no *)',
  );

/** `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. */
export const addressRange = z.string().refine((value) => {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}, 'must be a comma-separated list of addresses or CIDR ranges such as 10.0.0.0/8');

/** Whether a URL is read by everybody on the way: plain HTTP that leaves this machine. */
export function isPlainHttp(value: string | undefined): boolean {
  const url = value === undefined ? null : URL.parse(value);
  return url?.protocol === 'http:' && !isLoopback(url.hostname);
}

// A name may start with 127. and be anybody's.
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}
