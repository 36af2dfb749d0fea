import { ConfigError } from '../config/config-error.ts';

/** What a process runs until it is told to end. */
export interface RunningService {
  /** `drain`: SIGTERM, at most 15 s. `now`: SIGINT in a terminal or a second signal, at most 2 s. */
  close(manner: 'drain' | 'now'): Promise<void>;
  /** Told of what nobody caught; the process lives on after a stray rejection and ends after an exception. */
  onStray?(error: unknown, kind: 'rejection' | 'exception'): void;
}

const drainCapMs = 15_000;
const nowCapMs = 2000;

/**
 * Runs a service to its end: starts it, closes it on a signal, and sets the exit code. A failure to start is one line on
 * standard error that says what to do.
 */
export async function runProcess(main: () => Promise<RunningService>): Promise<void> {
  let closing: 'drain' | 'now' | null = null;
  let service: RunningService | null = null;

  function end(manner: 'drain' | 'now'): void {
    if (closing === 'now') return;
    const isFirst = closing === null;
    closing = manner;
    // The caps are met a little early, so that the whole process is out within them.
    const capMs = (manner === 'drain' ? drainCapMs : nowCapMs) - 200;
    setTimeout(() => process.exit(isFirst && manner === 'drain' ? 1 : process.exitCode), capMs).unref();
    if (service === null) process.exit();
    service.close(manner).then(
      () => process.exit(),
      () => process.exit(1),
    );
  }

  process.on('SIGTERM', () => end(closing === null ? 'drain' : 'now'));
  process.on('SIGINT', () => end('now'));
  process.on('unhandledRejection', (error) => tellOfStray(error, 'rejection'));
  process.on('uncaughtException', (error) => {
    tellOfStray(error, 'exception');
    process.exitCode = 1;
    end('now');
  });

  function tellOfStray(error: unknown, kind: 'rejection' | 'exception'): void {
    if (service !== null) service.onStray?.(error, kind);
    else if (kind === 'exception') process.stderr.write(`${describeStartFailure(error)}\n`);
    else process.stderr.write(`While the server starts, nobody caught: ${String(error)}\n`);
  }

  try {
    service = await main();
  } catch (error) {
    process.stderr.write(`${describeStartFailure(error)}\n`);
    process.exit(1);
  }
}

/** One line (a configuration's problems: one line each) that says what to do; never a stack trace. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof Error)) return 'The server could not start.';
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use: stop the process that listens there, or set PORT (or ADMIN_PORT) to a free one.`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user: set PORT (or ADMIN_PORT) to 1024 or higher.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${address ?? 'The address'} is not an address of this machine: set HOST (or ADMIN_HOST) to one, or to 0.0.0.0 for all.`;
    default:
      return `The server could not start: ${error.message.split('\n', 1)[0]?.replace(/\.?$/, '.')}`;
  }
}
