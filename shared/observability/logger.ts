import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { guardLine } from './log-line.ts';

export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Which server writes, on every line: `mobile`. */
  readonly server: string;
  /** Where lines go; standard output by default. */
  readonly destination?: DestinationStream;
}

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
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
