import { describe, expect, it } from 'vitest';
import { silenceMs, startHeartbeat } from '../../../shared/images/heartbeat.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function start(answer: (answered: () => void) => void) {
  const clock = createFakeClock();
  const seen = { asked: 0, silences: 0 };
  const heartbeat = startHeartbeat({
    ask() {
      seen.asked += 1;
      queueMicrotask(() => answer(() => heartbeat.answered()));
    },
    onSilence: () => (seen.silences += 1),
    clock,
  });
  return { clock, seen, heartbeat };
}

describe('a heartbeat', () => {
  it('asks every second, and is content with answers', async () => {
    const { clock, seen } = start((answered) => answered());
    await clock.advance(60_000);
    expect(seen).toEqual({ asked: 61, silences: 0 });
  });

  it('tells of silence once, and asks no more', async () => {
    const { clock, seen } = start(() => {});
    await clock.advance(silenceMs - 1);
    expect(seen).toEqual({ asked: 1, silences: 0 });
    await clock.advance(60_000);
    expect(seen).toEqual({ asked: 1, silences: 1 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('is content with an answer that comes late', async () => {
    const { clock, seen, heartbeat } = start(() => {});
    for (let times = 0; times < 10; times += 1) {
      await clock.advance(silenceMs - 1);
      heartbeat.answered();
      await clock.advance(1);
    }
    expect(seen.silences).toBe(0);
  });

  it('takes a stall of its own process for one look, not for silence', async () => {
    const { clock, seen, heartbeat } = start(() => {});
    await clock.advance(0);
    clock.stall(60 * silenceMs);
    await clock.advance(0);
    heartbeat.answered();
    await clock.advance(silenceMs - 1);
    expect(seen.silences).toBe(0);
  });

  it('does not feel the wall clock', async () => {
    const { clock, seen } = start((answered) => answered());
    clock.jumpWall(3_600_000);
    await clock.advance(silenceMs);
    clock.jumpWall(-7_200_000);
    await clock.advance(silenceMs);
    expect(seen.silences).toBe(0);
  });

  it('is stopped', async () => {
    const { clock, seen, heartbeat } = start(() => {});
    heartbeat.stop();
    await clock.advance(60_000);
    expect(seen).toEqual({ asked: 1, silences: 0 });
    expect(clock.pendingTimers).toBe(0);
  });
});
