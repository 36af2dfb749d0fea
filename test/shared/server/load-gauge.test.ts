import { describe, expect, it, onTestFinished } from 'vitest';
import { createLoadGauge, type Load } from '../../../shared/server/load-gauge.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { firstError, openEdge } from './edge-under-test.ts';

function setUp() {
  const clock = createFakeClock();
  const load = { utilisation: 0.5, heapRatio: 0.2 };
  const changes: boolean[] = [];
  const gauge = createLoadGauge({
    clock,
    readLoad: (): Load => ({ ...load }),
    onChange: (isShedding) => changes.push(isShedding),
  });
  onTestFinished(() => gauge.stop());
  /** Of 1000 requests, how many are turned away. */
  const countShed = () => {
    let shed = 0;
    for (let index = 0; index < 1000; index += 1) {
      try {
        gauge.admit();
      } catch {
        shed += 1;
      }
    }
    return shed;
  };
  return { clock, load, gauge, changes, countShed };
}

describe('a process with time to spare', () => {
  it('turns nobody away', async () => {
    const { clock, countShed } = setUp();
    await clock.advance(10_000);
    expect(countShed()).toBe(0);
  });
});

describe('an event loop that stalls', () => {
  it('turns all away at the next look, and nobody once it is well', async () => {
    const { clock, gauge, changes, countShed } = setUp();
    await clock.advance(1000);
    clock.stall(2000);
    await clock.advance(0);
    expect(countShed()).toBe(1000);
    expect(() => gauge.admit()).toThrow(expect.objectContaining({ code: 'OVERLOADED', isRetryable: true }));
    await clock.advance(250);
    expect(countShed()).toBe(0);
    expect(changes).toEqual([true, false]);
  });

  it('for less than 500 ms turns nobody away', async () => {
    const { clock, countShed } = setUp();
    await clock.advance(1000);
    clock.stall(700);
    await clock.advance(0);
    expect(countShed()).toBe(0);
  });
});

describe('a heap near its limit', () => {
  it('turns all away until it is smaller', async () => {
    const { clock, load, countShed } = setUp();
    load.heapRatio = 0.85;
    await clock.advance(250);
    expect(countShed()).toBe(1000);
    load.heapRatio = 0.8;
    await clock.advance(250);
    expect(countShed()).toBe(0);
  });
});

describe('a processor that is always busy', () => {
  it('turns a growing share away, never all, and takes it back in steps', async () => {
    const { clock, load, countShed } = setUp();
    load.utilisation = 0.99;
    await clock.advance(750);
    expect(countShed()).toBe(0);
    await clock.advance(250);
    expect(countShed()).toBe(100);
    await clock.advance(250);
    expect(countShed()).toBe(200);
    await clock.advance(60_000);
    expect(countShed()).toBe(900);
    load.utilisation = 0.9;
    await clock.advance(250);
    expect(countShed()).toBe(850);
    await clock.advance(60_000);
    expect(countShed()).toBe(0);
  });
});

describe('a queue that is cleared at once, under a load that lasts', () => {
  it('leaves the share that was found before, or the next flood would come at once', async () => {
    const { clock, load, countShed } = setUp();
    load.utilisation = 0.99;
    await clock.advance(2000);
    expect(countShed()).toBe(500);
    clock.stall(750);
    await clock.advance(0);
    expect(countShed()).toBe(1000);
    await clock.advance(250);
    expect(countShed()).toBe(700);
  });
});

describe('a burst of less than a second', () => {
  it('turns nobody away', async () => {
    const { clock, load, countShed } = setUp();
    for (let burst = 0; burst < 5; burst += 1) {
      load.utilisation = 1;
      await clock.advance(750);
      load.utilisation = 0.5;
      await clock.advance(250);
    }
    expect(countShed()).toBe(0);
  });
});

describe('a request that is turned away', () => {
  it('gets 503 with Retry-After, before its token or body cost anything', async () => {
    const { clock, gauge } = setUp();
    const edge = await openEdge({ loadGauge: gauge });
    clock.stall(3000);
    await clock.advance(0);
    const answer = await fetch(`${edge.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
      body: '{"query":"{ hello }"}',
    });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(firstError(await answer.text())).toMatchObject({ code: 'OVERLOADED', retryable: true });
    expect((await fetch(`${edge.url}/health/live`)).status).toBe(200);
  });
});
