import type { Dispatcher } from 'undici';
import { expect, test } from 'vitest';
import { HttpExchange, type WireRequest } from '../../../shared/downstream/http-exchange.ts';
import { createStallMeter } from '../../../shared/downstream/stall-meter.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const get: WireRequest = { method: 'GET', path: '/', headers: [], body: null, answers: undefined, isWrite: false };

/** An exchange whose connection is the test's to make. */
function start(request: WireRequest) {
  const clock = createFakeClock();
  const ended: HttpExchange[] = [];
  const exchange = new HttpExchange({ clock, stallMeter: createStallMeter(clock), maxBodyBytes: 100 }, request, (one) =>
    ended.push(one),
  );
  let aborted = 0;
  const controller: Dispatcher.DispatchController = {
    aborted: false,
    paused: false,
    reason: null,
    abort: () => void aborted++,
    pause: () => {},
    resume: () => {},
  };
  exchange.start({ dispatch: () => true }, 1000);
  return { clock, exchange, ended, controller, abortedTimes: () => aborted };
}

test.each(['GET', 'POST'] as const)('a %s that ends while it waits for its connection is never written', (method) => {
  const { exchange, ended, controller, abortedTimes } = start({ ...get, method, isWrite: method === 'POST' });
  exchange.interrupt('cancelled');
  exchange.onRequestStart(controller);
  expect([ended.length, exchange.failure, exchange.wasSent, abortedTimes()]).toEqual([1, 'cancelled', false, 1]);
});

test('what comes after the end changes nothing', () => {
  const { clock, exchange, ended, controller } = start(get);
  exchange.onRequestStart(controller);
  exchange.interrupt('deadline');
  exchange.onResponseStart(controller, 200, { 'content-type': 'application/json' });
  exchange.onResponseData(controller, Buffer.from('{}'));
  exchange.onResponseEnd();
  exchange.onResponseError(controller, new Error('late'));
  clock.advanceSync(10_000);
  expect([ended.length, exchange.failure, exchange.status, exchange.body]).toEqual([1, 'deadline', 0, undefined]);
  expect(clock.pendingTimers).toBe(0);
});

test('an early hint is not the answer', () => {
  const { exchange, ended, controller } = start(get);
  exchange.onRequestStart(controller);
  exchange.onResponseStart(controller, 103, { link: '</x>' });
  exchange.onResponseStart(controller, 200, { 'content-type': 'application/json' });
  exchange.onResponseData(controller, Buffer.from('{"a":'));
  exchange.onResponseData(controller, Buffer.from('"ü'));
  exchange.onResponseData(controller, Buffer.from('"}'));
  exchange.onResponseEnd();
  expect([ended.length, exchange.status, exchange.body, exchange.bytes]).toEqual([1, 200, { a: 'ü' }, 10]);
});
