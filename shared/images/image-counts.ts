import type { ImageCounts } from './image-event.ts';
import type { ImageServer } from './image-server.ts';

const everyMs = 5000;

/** Reports the totals every five seconds while they change; the returned function ends it. Never keeps the process alive. */
export function reportCounts(server: ImageServer, report: (counts: ImageCounts) => void): () => void {
  let reported = '';
  const timer = setInterval(() => {
    const counts = server.counts();
    const text = JSON.stringify(counts);
    if (text === reported) return;
    reported = text;
    report(counts);
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
