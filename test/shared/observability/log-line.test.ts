import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardLine, maxLineBytes } from '../../../shared/observability/log-line.ts';
import { createLogger } from '../../../shared/observability/logger.ts';

const canary = 'canary-4f9d2b7e1c';
const jwt = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from(`{"sub":"${canary}"}`).toString('base64url')}.${canary}`;

function collect() {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'debug',
    server: 'test',
    destination: { write: (line: string) => lines.push(line) },
  });
  return { lines, logger };
}

describe('a log line', () => {
  it.each([
    ['a bearer header', { authorization: `Bearer ${canary}` }],
    ['a header of a request', { req: { headers: { Authorization: `Bearer ${canary}`, cookie: `session=${canary}` } } }],
    ['a password deep down', { a: { b: { c: [{ password: canary }] } } }],
    ['a password with quotes in it', { password: `${canary}"\\"${canary}` }],
    ['a token under a longer name', { refreshToken: canary, 'x-api-token': canary, id_token: canary }],
    ['a card', { cardNumber: canary, card: 4_111_111_111_111_111, cvc: 123, iban: canary }],
    ['a JWT in a message', { note: `cannot use ${jwt} here` }],
    ['a bearer token in a message', { note: `sent Authorization: Bearer ${canary}` }],
    ['a password in a URL', { url: `redis://default:${canary}@cache:6379/0` }],
    ['a password alone in a URL', { url: `rediss://:${canary}@cache:6379/0` }],
  ])('holds no secret from %s', (_name, fields) => {
    const { lines, logger } = collect();
    logger.info(fields, 'event');
    logger.error({ err: Object.assign(new Error(`failed with ${JSON.stringify(fields)}`), { fields }) }, 'event');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(() => JSON.parse(line) as unknown).not.toThrow();
      expect(line.replaceAll(/\\+"/g, '"')).not.toMatch(/4111111111111111|"cvc":123/);
    }
    expect(lines.join('')).not.toContain(canary);
  });

  it('keeps a JWT and a URL password out of an error and its cause', () => {
    const { lines, logger } = collect();
    const cause = new Error(`redis://u:${canary}@host refused`);
    logger.error({ err: new Error(`bad token ${jwt}`, { cause }) }, `Bearer ${canary}`);
    expect(lines.join('')).not.toContain(canary);
    expect(lines.join('')).not.toContain(jwt.split('.')[1]);
  });

  it('is one line, whatever line breaks are in it', () => {
    const { lines, logger } = collect();
    logger.info({ operation: 'a\r\n{"level":"info","msg":"forged"}\u2028' }, 'x\ny');
    expect(lines[0]?.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'x\ny' });
  });

  it('is at most 8 KB of JSON with its level, message and request id, whatever is logged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 1, max: 30_000 }), (value, length) => {
        const { lines, logger } = collect();
        logger.warn({ requestId: 'the-one', value, padding: 'ü'.repeat(length) }, 'event');
        const [line = ''] = lines;
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxLineBytes);
        expect(JSON.parse(line)).toMatchObject({ level: 'warn', requestId: 'the-one', msg: 'event' });
      }),
      { numRuns: 100 },
    );
  });

  it('is at most 8 KB where a thousand members are logged', () => {
    const { lines, logger } = collect();
    logger.info(
      Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`member-${index}`, 'x'.repeat(100)])),
      'event',
    );
    expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThanOrEqual(maxLineBytes);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info' });
  });

  it('that holds no secret is left as it is', () => {
    const line = '{"level":"info","operation":"Home","url":"https://shop.example/a:b","ms":1.2}\n';
    expect(guardLine(line)).toBe(line);
  });

  it.each([
    ['bearer '],
    ['//a:'],
    ['eyJaaaaaaaa.'],
    ['eyJ-'],
    ['token'],
    ['\\"token'],
    ['\\\\'],
    ['\\"token\\":\\"'],
    ['-token"'],
  ])('of nothing but %s is looked through in no more than linear time', (part) => {
    const lineOf = (length: number) => JSON.stringify({ note: part.repeat(length / part.length) });
    const timeOf = (length: number) => {
      const line = lineOf(length);
      const times = Array.from({ length: 5 }, () => {
        const before = performance.now();
        guardLine(line);
        return performance.now() - before;
      });
      return Math.min(...times);
    };
    timeOf(25_000);
    // Eight times as long; quadratic, it would take 64 times as long.
    expect(timeOf(200_000) / (timeOf(25_000) + 0.5)).toBeLessThan(24);
  });

  it('stays JSON, and holds none of its secrets, whatever names and values are in it', () => {
    const hostile = fc.constantFrom(
      '"',
      '\\',
      ':',
      ',',
      '{',
      '}',
      'token',
      '"token":',
      '\\"token\\":',
      '\\"',
      '://a:b@',
      '1',
      ' ',
      'eyJ',
      '\n',
    );
    const text = fc.array(hostile, { maxLength: 12 }).map((parts) => parts.join(''));
    const entry = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'note'),
      fc.oneof(
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.dictionary(text, fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }))),
      ),
    );
    fc.assert(
      fc.property(entry, text, (fields, secret) => {
        const said = { ...fields, password: `${canary}${secret}`, message: JSON.stringify({ token: canary, fields }) };
        const line = guardLine(JSON.stringify(said));
        expect(Object.keys(JSON.parse(line) as object)).toEqual(Object.keys(said));
        expect(line).not.toContain(canary);
      }),
      { numRuns: 2000 },
    );
  });
});
