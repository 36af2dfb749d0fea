import { describe, expect, it } from 'vitest';
import { createLineWriter, createLogger } from '../../../shared/observability/logger.ts';
import { createOperationLog, type OperationEntry } from '../../../shared/observability/operation-log.ts';

const entry: OperationEntry = {
  requestId: 'r-1',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  viewer: 'pseudonym',
  client: 'ios',
  version: '4.2.0',
  operation: 'Home',
  operationId: 'sha256:ab',
  cost: 12,
  downstreamCalls: 4,
  degraded: 0,
  status: 200,
  errors: [],
  ms: 12.3456,
  bytes: 345,
};

function collect(level: 'info' | 'warn' = 'info') {
  const lines: string[] = [];
  const logger = createLogger({ level, server: 'mobile', destination: { write: (line: string) => lines.push(line) } });
  return { lines, logger, parse: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('the operation log', () => {
  it('has one line a request', () => {
    const { logger, lines, parse } = collect();
    createOperationLog(logger)(entry);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(parse()).toEqual([
      { level: 'info', time: expect.stringMatching(/Z$/), server: 'mobile', msg: 'operation', ...entry, ms: 12.3 },
    ]);
  });

  it('says in a word why a slow request was slow, and of a quick one nothing', () => {
    const { logger, parse } = collect();
    const log = createOperationLog(logger, { slowAfterMs: 100 });
    log({ ...entry, ms: 100, slow: 'catalog' });
    log({ ...entry, ms: 100 });
    log({ ...entry, ms: 99, slow: 'catalog' });
    expect(parse().map(({ slow }) => slow)).toEqual(['catalog', 'unknown', undefined]);
  });

  it('is silent where the level is higher', () => {
    const { logger, lines } = collect('warn');
    createOperationLog(logger)(entry);
    expect(lines).toEqual([]);
  });
});

describe('a line that is written past pino', () => {
  it('is the line that pino would write, secrets and line breaks taken care of', () => {
    const { logger, parse } = collect();
    const members = { text: 'a\n"b"\u2028', token: 'canary', nested: { list: [1, null, true] }, left: undefined };
    createLineWriter(logger, 'event')(members);
    logger.info(members, 'event');
    const [written, pinos] = parse();
    expect({ ...written, time: '' }).toEqual({ ...pinos, time: '' });
    expect(written).toMatchObject({ token: '[redacted]' });
  });

  it('goes by pino for a logger of someone else', () => {
    const { logger, parse } = collect();
    createLineWriter(logger.child({ part: 'x' }), 'event')({ a: 1 });
    expect(parse()).toEqual([expect.objectContaining({ part: 'x', a: 1, msg: 'event' })]);
  });
});
