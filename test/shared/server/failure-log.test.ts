import { expect, it } from 'vitest';
import type { AttemptEvent } from '../../../shared/downstream/events.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { createFailureLog } from '../../../shared/server/failure-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const refused: AttemptEvent = {
  service: 'catalog',
  method: 'GET',
  route: '/products',
  instance: '10.0.0.5:8080',
  attempt: 1,
  isHedge: false,
  outcome: 'network',
  because: 'connect ECONNREFUSED 10.0.0.5:8080',
  status: 0,
  durationMs: 1,
};

function setUp() {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
  const clock = createFakeClock();
  return { lines, clock, log: createFailureLog(createLogger({ level: 'info', server: 'web', destination }), clock) };
}

it('says at once why an attempt failed, and where', () => {
  const { lines, log } = setUp();
  log.onAttempt(refused);
  expect(lines).toEqual([
    {
      level: 'warn',
      time: expect.any(String) as unknown,
      server: 'web',
      service: 'catalog',
      instance: '10.0.0.5:8080',
      route: '/products',
      outcome: 'network',
      because: 'connect ECONNREFUSED 10.0.0.5:8080',
      times: 1,
      msg: 'attempts fail',
    },
  ]);
});

it('makes one line in ten seconds of an outage, and counts', () => {
  const { lines, clock, log } = setUp();
  for (let i = 0; i < 500; i++) {
    log.onAttempt(refused);
    clock.advanceSync(50);
  }
  expect(lines.map(({ times }) => times)).toEqual([1, 200, 200]);
});

it('keeps instances and kinds of failure apart', () => {
  const { lines, log } = setUp();
  log.onAttempt(refused);
  log.onAttempt({ ...refused, instance: '10.0.0.6:8080' });
  log.onAttempt({ ...refused, outcome: 'server-error', because: 'status 503' });
  expect(lines).toHaveLength(3);
});

it('has no line for an answer, nor for what was given up because nobody waits for it any more', () => {
  const { lines, log } = setUp();
  log.onAttempt({ ...refused, outcome: 'answer', because: null });
  log.onAttempt({ ...refused, outcome: 'cancelled', because: 'cancelled' });
  expect(lines).toEqual([]);
});
