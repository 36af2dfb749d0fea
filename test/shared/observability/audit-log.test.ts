import { expect, it } from 'vitest';
import { createAuditLog } from '../../../shared/observability/audit-log.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function openAudit(level: 'info' | 'error' = 'info') {
  const lines: string[] = [];
  const clock = createFakeClock();
  const logger = createLogger({ level, server: 'web', destination: { write: (line: string) => lines.push(line) } });
  const find = (message: string) =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === message);
  return { audit: createAuditLog(logger, clock), clock, find };
}

const event = { who: null, what: '/graphql', requestId: 'r', outcome: 'UNAUTHENTICATED' };

it('is written whatever the log level is', () => {
  const { audit, find } = openAudit('error');
  audit.record({ ...event, event: 'mutation', outcome: 'ok' });
  expect(find('audit')).toHaveLength(1);
});

it('counts what a flood of one kind has beyond 1000 lines a second, and leaves room for the other kinds', async () => {
  const { audit, clock, find } = openAudit();
  for (let index = 0; index < 1500; index += 1) audit.record({ ...event, event: 'refusal', outcome: 'BAD_REQUEST' });
  audit.record({ ...event, event: 'authentication' });
  expect(find('audit').map((line) => line['event'])).toEqual([...Array(1000).fill('refusal'), 'authentication']);
  await clock.advance(1000);
  expect(find('audit lines were left out')).toEqual([expect.objectContaining({ event: 'refusal', suppressed: 500 })]);
});

it('leaves no success out', () => {
  const { audit, find } = openAudit();
  for (let index = 0; index < 1500; index += 1) audit.record({ ...event, event: 'mutation', outcome: 'ok' });
  expect(find('audit')).toHaveLength(1500);
});
