import { describe, expect, it } from 'vitest';
import { ids, openBusy } from './busy-service.ts';
import { isWaiting, only, requestScope, type thingRead } from './cache-kit.ts';

describe('keys that nobody waits for', () => {
  /** All of them past their fresh window, and their service busy. */
  async function openDue(
    given: Parameters<typeof thingRead>[1] = {},
    known: readonly string[] = ['a', 'b', 'c'],
    options: Parameters<typeof openBusy>[1] = {},
  ) {
    const opened = await openBusy(given, options);
    const { clock, service, ask, busy } = opened;
    service.answer();
    await busy;
    await ask(known);
    await clock.advance(60_000);
    service.hold();
    const next = ask('busy too', requestScope(clock, { deadlineMs: 120_000 }));
    await clock.advance(0);
    service.calls.length = 0;
    return { ...opened, next };
  }

  it('are refreshed in one call after 50 ms, each once, and every request is served meanwhile', async () => {
    const { clock, service, ask } = await openDue();
    for (const asked of [['a', 'b'], ['b'], ['c', 'a']]) expect(ids(await ask(asked))).toEqual(asked);
    await clock.advance(49.99);
    expect(service.calls).toEqual([]);
    await clock.advance(0.01);
    expect(service.calls).toEqual([['a', 'b', 'c']]);
  });

  it('are refreshed at once by a service that is idle, and as soon as it has answered', async () => {
    const { clock, service, ask, next } = await openDue();
    await ask('a');
    service.answer();
    await next;
    await clock.advance(0);
    expect(service.calls).toEqual([['a']]);
    await ask('b');
    await clock.advance(0);
    expect(service.calls).toEqual([['a'], ['b']]);
  });

  it('go out apart from those that somebody waits for, who waits no longer for that', async () => {
    const { clock, service, ask } = await openDue();
    await ask('a');
    const asked = ask('d');
    await ask('b');
    await clock.advance(1);
    expect(service.calls).toEqual([['d']]);
    await clock.advance(49);
    expect(service.calls).toEqual([['d'], ['a', 'b']]);
    service.answer();
    expect(ids(await asked)).toEqual(['d']);
  });

  it('go out at once when there are maxBatch of them', async () => {
    const { clock, service, ask } = await openDue({ maxBatch: 2 }, ['a', 'b']);
    await ask(['a']);
    await ask(['b']);
    await clock.advance(0);
    expect(service.calls).toEqual([['a', 'b']]);
  });

  it('go out at once when somebody waits for one of them after all', async () => {
    const { clock, service, ask } = await openDue();
    await clock.advance(59_990);
    await ask(['a', 'b']);
    await clock.advance(10);
    expect(service.calls).toEqual([]);
    const asked = ask('a');
    await clock.advance(0);
    expect(service.calls).toEqual([['a', 'b']]);
    service.revision = 2;
    service.answer();
    expect(only(await asked).value.revision).toBe(2);
  });

  it('go out at once for who will have none but the refreshed value', async () => {
    const { clock, service, ask } = await openDue();
    const { refresh } = only(await ask('a')) as { refresh?: () => Promise<{ value: { revision: number } }> };
    service.revision = 2;
    const refreshed = refresh?.();
    await clock.advance(0);
    expect(service.calls).toEqual([['a']]);
    service.answer();
    expect((await refreshed)?.value.revision).toBe(2);
  });

  it('are refreshed each by itself where nothing is merged', async () => {
    const { clock, service, ask } = await openDue({}, ['a', 'b'], { mergeWindowMs: 0 });
    await ask('a');
    await ask('b');
    await clock.advance(0);
    expect(service.calls).toEqual([['a'], ['b']]);
  });

  it('go on waiting for company where whoever asks for one would not wait for it', async () => {
    const { clock, service, ask } = await openDue();
    await clock.advance(48_000);
    await ask('a');
    // Its refresh has been silent to its end: nobody waits for this read any more.
    await clock.advance(11_970);
    service.calls.length = 0;
    await ask('b');
    await clock.advance(30);
    const next = ask('b');
    await clock.advance(0);
    expect(only(await next).origin).toBe('kept');
    expect(service.calls).toEqual([]);
    await clock.advance(20);
    expect(service.calls).toEqual([['b']]);
  });

  it('go out at once, to be told so, when somebody asks for one whose service nobody asks any more', async () => {
    const { clock, service, breaker, ask } = await openDue();
    await clock.advance(59_990);
    await ask('a');
    breaker.isOpen = true;
    await clock.advance(10);
    const asked = ask('a');
    await clock.advance(0);
    expect([await isWaiting(asked), only(await asked).origin, service.calls]).toEqual([false, 'kept', []]);
  });
});
