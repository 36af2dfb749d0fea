import { reasonOf } from './failure-reason.ts';
import { type ExchangeSetting, HttpExchange, type WireRequest } from './http-exchange.ts';
import type { Instance } from './instance.ts';
import type { ServicePolicy } from './policy.ts';

type HealthPolicy = Pick<
  ServicePolicy,
  'healthCheckIntervalMs' | 'healthCheckTimeoutMs' | 'healthCheckPath' | 'healthDownAfter' | 'healthUpAfter'
>;

export interface HealthCheckDeps extends ExchangeSetting {
  readonly random: () => number;
  onChange(instance: Instance, because: string): void;
}

/** Asks one instance how it is, again and again, until the returned function is called; one check at a time. */
export function startHealthCheck(instance: Instance, deps: HealthCheckDeps, policy: HealthPolicy): () => void {
  if (policy.healthCheckIntervalMs === 0) return () => {};
  const { clock, random } = deps;
  const request: WireRequest = {
    method: 'GET',
    path: policy.healthCheckPath,
    headers: ['accept', 'application/json'],
    body: null,
    answers: undefined,
    isWrite: false,
    isBodyIgnored: true,
  };
  let against = 0;
  let isStopped = false;
  let checking: HttpExchange | undefined;
  // The first at a random moment: replicas that start together must not check together.
  let cancelNext = clock.schedule(random() * policy.healthCheckIntervalMs, check);

  function check(): void {
    checking = new HttpExchange(deps, request, onChecked);
    checking.start(instance.pool, policy.healthCheckTimeoutMs);
  }

  function onChecked(result: HttpExchange): void {
    checking = undefined;
    if (isStopped) return;
    cancelNext = clock.schedule(policy.healthCheckIntervalMs, check);
    const isPassed = result.failure === null && result.status < 300;
    if (isPassed === instance.isHealthy) {
      against = 0;
      return;
    }
    against++;
    if (against < (isPassed ? policy.healthUpAfter : policy.healthDownAfter)) return;
    against = 0;
    instance.isHealthy = isPassed;
    deps.onChange(instance, reasonOf(result));
  }

  return () => {
    isStopped = true;
    cancelNext();
    checking?.interrupt('cancelled');
  };
}
