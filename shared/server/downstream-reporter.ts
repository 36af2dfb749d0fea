import type { DownstreamEvents } from '../downstream/events.ts';
import type { AuditLog } from '../observability/audit-log.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { AlertWatch } from './alerts.ts';
import { createDiscoveryLog } from './discovery-log.ts';
import type { FailureLog } from './failure-log.ts';

export interface DownstreamReporterParts {
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly metrics: Metrics;
  readonly alerts: AlertWatch;
  readonly failures: FailureLog;
}

/** Makes log lines, figures and alerts of what happens on the way to the services. */
export function createDownstreamReporter({
  logger,
  audit,
  metrics,
  alerts,
  failures,
}: DownstreamReporterParts): DownstreamEvents {
  const discovery = createDiscoveryLog(logger);

  return {
    onTransition({ service, from, to, reason }) {
      logger.warn({ service, from, to, reason }, 'circuit breaker changed');
      metrics.breaker(service, to);
      alerts.onTransition(service, to, reason);
    },
    onCall({ service, outcome, keyCount, attempts, durationMs }) {
      // A call that was kept in is no quick one, and none of which a share could be repeated or time out.
      const wasMade = attempts > 0;
      metrics.downstreamCall(service, outcome, wasMade ? durationMs : null);
      if (outcome === 'no-instance') alerts.onNoInstance(service);
      if (!wasMade) return;
      metrics.batch(service, keyCount);
      alerts.onCall(service);
    },
    onAttempt(attempt) {
      const { service, outcome } = attempt;
      metrics.downstreamAttempt(service, outcome);
      if (outcome === 'timeout') alerts.onTimeout(service);
      failures.onAttempt(attempt);
    },
    onRetry({ service }) {
      metrics.downstreamRepeat(service, 'retry');
      alerts.onRetry(service);
    },
    onRetryRefused: ({ service }) => metrics.downstreamRepeat(service, 'refused'),
    onHedge: ({ service }) => metrics.downstreamRepeat(service, 'hedge'),
    onEjection: (event) => logger.warn(event, 'instance ejected'),
    onHealth: (event) => logger.warn(event, 'instance health changed'),
    onInstances(event) {
      logger.info(event, 'instances found');
      alerts.onInstances(event.service);
    },
    onDiscoveryFailure: discovery.onFailure,
    onDiscoveryRecovery: discovery.onRecovery,
    onModeChange({ service, from, to, isExpiry }) {
      metrics.mode(service, to);
      // What an operator turned is in the audit log with who asked for it.
      if (!isExpiry) return;
      audit.record({
        event: 'switch',
        who: null,
        what: `${service} ${to}`,
        outcome: 'ok',
        requestId: '',
        reason: `the time of ${from} was over`,
      });
    },
  };
}
