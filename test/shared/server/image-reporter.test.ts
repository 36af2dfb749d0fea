import { expect, it } from 'vitest';
import { type ImageCounts, refusedEvent } from '../../../shared/images/image-event.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { createImageReporter } from '../../../shared/server/image-reporter.ts';

const counts: ImageCounts = {
  hits: 8,
  misses: 3,
  fromMemory: 7,
  fromDisk: 1,
  transformed: 2,
  downloaded: 1,
  running: 0,
  queued: 0,
};

function open() {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
  const metrics = createMetrics({ withProcess: false });
  const reporter = createImageReporter(createLogger({ level: 'info', server: 'mobile', destination }), metrics);
  const readFigures = async () =>
    Object.fromEntries(
      Array.from((await metrics.text()).matchAll(/^(bff_image_\S+) (\d+)$/gm), ([, name, value]) => [
        name,
        Number(value),
      ]),
    );
  return { reporter, lines, readFigures };
}

const refused = (status: number) => refusedEvent({ status, reason: 'because', path: '/', origin: null });

it('counts requests, those too that were not told one by one, and what they cost', async () => {
  const { reporter, readFigures } = open();
  reporter.onServing();
  expect(await readFigures()).toMatchObject({
    'bff_image_requests_total{result="hit"}': 0,
    'bff_image_requests_total{result="504"}': 0,
    bff_image_process_up: 1,
    bff_image_process_restarts_total: 0,
  });
  reporter.onEvent(refused(403));
  reporter.onEvent({ type: 'left-out', status: 403, count: 480 });
  reporter.onEvent({ type: 'left-out', status: null, count: 10 });
  reporter.onEvent({ type: 'counts', counts });
  reporter.onEvent({ type: 'counts', counts: { ...counts, hits: 10 } });
  expect(await readFigures()).toMatchObject({
    'bff_image_requests_total{result="hit"}': 10,
    'bff_image_requests_total{result="miss"}': 3,
    'bff_image_requests_total{result="403"}': 481,
    'bff_image_work_total{kind="read"}': 1,
    'bff_image_work_total{kind="downloaded"}': 1,
    'bff_image_work_total{kind="made"}': 2,
  });
});

it('counts on where another process begins at 0, and tells that one was lost', async () => {
  const { reporter, readFigures } = open();
  reporter.onServing();
  reporter.onEvent({ type: 'counts', counts });
  reporter.onExit({ reason: 'SIGKILL', restartInMs: 100 });
  expect(await readFigures()).toMatchObject({ bff_image_process_up: 0, bff_image_process_restarts_total: 1 });
  expect(reporter.health()).toMatchObject({ process: 'down', restarts: 1 });
  reporter.onServing();
  reporter.onEvent({ type: 'counts', counts: { ...counts, hits: 9 } });
  expect(await readFigures()).toMatchObject({
    'bff_image_requests_total{result="hit"}': 17,
    bff_image_process_up: 1,
  });
  expect(reporter.health()).toEqual({ process: 'up', restarts: 1, counts: { ...counts, hits: 9 } });
});

it('shows no process as down where there is none', async () => {
  const { reporter, readFigures } = open();
  expect(reporter.health()).toEqual({ process: 'elsewhere', restarts: 0, counts: null });
  expect(await readFigures()).not.toHaveProperty('bff_image_process_up');
});

it('warns of what is ours to mend or the origin’s, and not of what clients ask for', () => {
  const { reporter, lines } = open();
  for (const status of [400, 403, 404, 405, 408, 422, 431, 429, 500, 503, 504]) reporter.onEvent(refused(status));
  const warned = lines.filter(({ level }) => level === 'warn').map(({ status }) => status);
  expect(warned).toEqual([429, 500, 503, 504]);
  expect(lines.filter(({ level }) => level === 'info')).toHaveLength(7);
});
