import { expect, it } from 'vitest';
import { createLogger } from '../../../shared/observability/logger.ts';
import { RedisUnavailableError } from '../../../shared/redis/redis-gateway.ts';
import { createLeaseLog } from '../../../shared/server/lease-log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

it('is one line a minute while a Redis that answers does not count, and none while it is away', async () => {
  const clock = createFakeClock();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push((JSON.parse(line) as { reason: string }).reason) };
  const tell = createLeaseLog(createLogger({ level: 'info', server: 'web', destination }), clock);

  tell(new RedisUnavailableError('Redis is not to be asked now.'));
  expect(lines).toEqual([]);
  for (let second = 0; second < 90; second += 1) {
    tell(new Error('Redis did not lease points', { cause: new Error('OOM command not allowed') }));
    await clock.advance(1000);
  }
  expect(lines).toEqual(['OOM command not allowed', 'OOM command not allowed']);
});
