import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { guardLine } from './log-line.ts';

export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Which server speaks, on every line: `mobile`; the services behind it have a member of their own. */
  readonly server: string;
  /** Where lines go; standard output by default. */
  readonly destination?: DestinationStream;
}

/** Lines leave 4 KB at a time, and no later than this. */
const flushEveryMs = 250;

/** One JSON line an event, at most 8 KB, without credentials whichever way they came in. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { server: options.server },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: guardLine },
    },
    options.destination ?? standardOutput(),
  );
}

/** Shared by the loggers of a process: each would otherwise hold lines of its own back. */
let shared: ReturnType<typeof pino.destination> | undefined;

/** A write for each line costs a system call a request, and pino's own asynchronous mode three times as much. */
function standardOutput(): DestinationStream {
  if (shared !== undefined) return shared;
  const output = pino.destination({ dest: 1, sync: true, minLength: 4096 });
  shared = output;
  setInterval(() => output.flushSync(), flushEveryMs).unref();
  process.on('exit', () => output.flushSync());
  return output;
}
