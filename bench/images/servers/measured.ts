interface ToChild {
  readonly type: 'start' | 'usage' | 'run';
  readonly options?: never;
  readonly task?: never;
}

export interface MeasuredServer<Task> {
  readonly port: number;
  run?(task: Task): Promise<unknown>;
}

/** Makes this process answer the questions of `startMeasured`. */
export function serveMeasured<Task = never>(start: (options: never) => Promise<MeasuredServer<Task>>): void {
  let server: MeasuredServer<Task> | null = null;

  async function answer(message: ToChild): Promise<object> {
    switch (message.type) {
      case 'start':
        server = await start(message.options as never);
        return { type: 'ready', port: server.port };
      case 'usage': {
        const { user, system } = process.cpuUsage();
        return { type: 'usage', usage: { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() } };
      }
      case 'run':
        return { type: 'done', result: await server?.run?.(message.task as Task) };
    }
  }

  process.on('message', (message: ToChild) => {
    answer(message).then(
      (reply) => process.send?.(reply),
      (error: unknown) => process.send?.({ type: 'failed', message: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}
