const lookEveryMs = 250;

/** Resolves when this process is told to end: by a signal, or by the death of the one that started it (npm, when that alone is killed). */
export function waitForEndNotice(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve();
    }, lookEveryMs);
    timer.unref();
  });
}
