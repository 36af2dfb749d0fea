import { expect, it } from 'vitest';
import { createLogger } from '../../../shared/observability/logger.ts';
import { createDiscoveryLog } from '../../../shared/server/discovery-log.ts';

function setUp() {
  const lines: string[] = [];
  const destination = {
    write(line: string) {
      const { service, reason, msg } = JSON.parse(line) as Record<string, string>;
      lines.push([service, msg, ...(reason === undefined ? [] : [reason])].join(': '));
    },
  };
  return { lines, log: createDiscoveryLog(createLogger({ level: 'info', server: 'web', destination })) };
}

it('says each reason of an outage once, and once that it is over', () => {
  const { lines, log } = setUp();
  for (let i = 0; i < 100; i += 1) {
    log.onFailure({ service: 'orders', error: new Error('SERVFAIL'), hasList: true });
    log.onFailure({ service: 'orders', error: new Error('it failed', { cause: new Error('empty') }), hasList: true });
  }
  log.onRecovery({ service: 'orders' });
  log.onFailure({ service: 'orders', error: new Error('SERVFAIL'), hasList: true });
  expect(lines).toEqual([
    'orders: discovery failed; the last list goes on: SERVFAIL',
    'orders: discovery failed; the last list goes on: empty',
    'orders: discovery works again',
    'orders: discovery failed; the last list goes on: SERVFAIL',
  ]);
});

it('says of each service that there is nobody to ask where there never was a list', () => {
  const { lines, log } = setUp();
  for (const service of ['orders', 'users']) {
    log.onFailure({ service, error: new Error('ENOTFOUND'), hasList: false });
  }
  expect(lines).toEqual([
    'orders: discovery failed; there is nobody to ask: ENOTFOUND',
    'users: discovery failed; there is nobody to ask: ENOTFOUND',
  ]);
});

it('is bounded where each failure is worded anew', () => {
  const { lines, log } = setUp();
  for (let i = 0; i < 100; i += 1) log.onFailure({ service: 'orders', error: new Error(`query ${i}`), hasList: true });
  expect(lines).toHaveLength(5);
});
