import { describe, expect, it } from 'vitest';
import { createSingleFlight } from '../../../shared/images/single-flight.ts';

const never = new AbortController().signal;

describe('a single flight', () => {
  it('runs one task for 1000 callers', async () => {
    const flights = createSingleFlight<string>();
    const gate = Promise.withResolvers<string>();
    let started = 0;
    const callers = Array.from({ length: 1000 }, () =>
      flights.join('a', never, () => {
        started += 1;
        return gate.promise;
      }),
    );
    gate.resolve('made');
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['made']));
    expect(started).toBe(1);
    expect(flights.size).toBe(0);
  });

  it('shares a failure, and starts anew after it', async () => {
    const flights = createSingleFlight<string>();
    const fail = () => flights.join('a', never, () => Promise.reject(new Error('broken')));
    const callers = await Promise.allSettled([fail(), fail()]);
    expect(callers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flights.join('a', never, async () => 'made')).toBe('made');
  });

  it('goes on for the callers that stay', async () => {
    const flights = createSingleFlight<string>();
    const gate = Promise.withResolvers<string>();
    const leaving = new AbortController();
    let taskSignal: AbortSignal | undefined;
    const start = (signal: AbortSignal) => {
      taskSignal = signal;
      return gate.promise;
    };
    const leaver = flights.join('a', leaving.signal, start);
    const stayer = flights.join('a', never, start);
    leaving.abort(new Error('left'));
    await expect(leaver).rejects.toThrow('left');
    expect(taskSignal?.aborted).toBe(false);
    gate.resolve('made');
    expect(await stayer).toBe('made');
  });

  it('aborts the task when the last caller leaves, and starts another for who comes next', async () => {
    const flights = createSingleFlight<string>();
    const leaving = [new AbortController(), new AbortController()];
    const signals: AbortSignal[] = [];
    const start = (signal: AbortSignal) => {
      signals.push(signal);
      if (signals.length > 1) return Promise.resolve('made');
      return new Promise<string>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    };
    const leavers = leaving.map(({ signal }) => flights.join('a', signal, start));
    for (const controller of leaving) controller.abort(new Error('left'));
    const comers = [flights.join('a', never, start), flights.join('a', never, start)];
    await Promise.allSettled(leavers);
    expect(signals[0]?.aborted).toBe(true);
    expect(await Promise.all(comers)).toEqual(['made', 'made']);
    expect(signals).toHaveLength(2);
    expect(flights.size).toBe(0);
  });

  it('gives what could not be stopped to who comes next', async () => {
    const flights = createSingleFlight<string>();
    const gate = Promise.withResolvers<string>();
    const [leaving, leavingAgain] = [new AbortController(), new AbortController()];
    let started = 0;
    const start = () => {
      started += 1;
      return gate.promise;
    };
    const leaver = flights.join('a', leaving.signal, start);
    leaving.abort(new Error('left'));
    await expect(leaver).rejects.toThrow('left');
    const secondLeaver = flights.join('a', leavingAgain.signal, start);
    const stayer = flights.join('a', never, start);
    leavingAgain.abort(new Error('left again'));
    await expect(secondLeaver).rejects.toThrow('left again');
    gate.resolve('made');
    expect(await stayer).toBe('made');
    expect(started).toBe(1);
  });

  it('starts nothing for a caller that has left already', async () => {
    const flights = createSingleFlight<string>();
    let started = 0;
    const join = async () =>
      flights.join('a', AbortSignal.abort(new Error('left')), async () => {
        started += 1;
        return 'made';
      });
    await expect(join()).rejects.toThrow('left');
    expect(started).toBe(0);
  });
});
