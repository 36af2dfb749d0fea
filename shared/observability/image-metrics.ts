import { Counter, Gauge, type Registry } from 'prom-client';

/** What is counted of pictures, by the server that has an image process. */
export interface ImageMetrics {
  /** Requests, by `hit`, `miss`, or the status of their refusal: few, as our own code chooses it. */
  requests(result: string, count: number): void;
  /** What misses cost. */
  work(kind: 'read' | 'downloaded' | 'made', count: number): void;
  /** Of the process that makes them; not shown before it is set. */
  up(isUp: boolean): void;
  restart(): void;
}

export function createImageMetrics(registers: Registry[]): ImageMetrics {
  const requests = new Counter({
    name: 'bff_image_requests_total',
    help: 'Requests for pictures, by hit, miss, or the status of their refusal.',
    labelNames: ['result'],
    registers,
  });
  const work = new Counter({
    name: 'bff_image_work_total',
    help: 'Results read from disk, originals downloaded, variants made.',
    labelNames: ['kind'],
    registers,
  });
  const isServing = new Gauge({
    name: 'bff_image_process_up',
    help: '1 while the image process serves, 0 while it is started again.',
    registers,
  });
  // At 0 where there is none, it would be an alarm.
  isServing.remove();
  const restarts = new Counter({
    name: 'bff_image_process_restarts_total',
    help: 'How often the image process ended or hung.',
    registers,
  });

  return {
    requests: (result, count) => requests.inc({ result }, count),
    work: (kind, count) => work.inc({ kind }, count),
    up: (isUp) => isServing.set(isUp ? 1 : 0),
    restart: () => restarts.inc(),
  };
}
