import { readFailureReason } from '../observability/failure-reason.ts';
import type { Logger } from '../observability/logger.ts';

/** Tells why a service's instances cannot be found, and when they can again. */
export interface DiscoveryLog {
  onFailure(event: { readonly service: string; readonly error: unknown; readonly hasList: boolean }): void;
  onRecovery(event: { readonly service: string }): void;
}

/** An outage has a reason or two; one that is worded anew each time is not worth a line each time. */
const maxReasons = 5;

/** Each reason of an outage is one line, however often it is met, and the outage's end is one. */
export function createDiscoveryLog(logger: Logger): DiscoveryLog {
  const told = new Map<string, Set<string>>();

  return {
    onFailure({ service, error, hasList }) {
      const because = readFailureReason(error);
      const reasons = told.get(service) ?? new Set();
      told.set(service, reasons);
      if (reasons.has(because.reason) || reasons.size >= maxReasons) return;
      reasons.add(because.reason);
      logger.warn(
        { service, ...because },
        hasList ? 'discovery failed; the last list goes on' : 'discovery failed; there is nobody to ask',
      );
    },
    onRecovery({ service }) {
      told.delete(service);
      logger.warn({ service }, 'discovery works again');
    },
  };
}
