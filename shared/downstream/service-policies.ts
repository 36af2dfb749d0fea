import type { ServiceName } from '../config/services.ts';
import type { ServiceOptions } from './downstream-client.ts';
import type { ServicePolicy } from './policy.ts';

/** What services have of their own; what is not named is as in `defaultServicePolicy`. */
export type ServicePolicies = Readonly<Partial<Record<ServiceName, Partial<ServicePolicy>>>>;

/**
 * Where a service is not as the others: `reviews: { isTimeoutAdaptive: true }`, each figure with its reason. None of the shop's is yet.
 * What stands here is above what an operator sets for all services.
 */
export const servicePolicies: ServicePolicies = {};

/** The same services, each with what it has of its own over what holds for all, and `forced` over both. */
export function withOwnPolicies(
  services: Readonly<Record<string, ServiceOptions>>,
  own: Readonly<Record<string, Partial<ServicePolicy> | undefined>>,
  forced: Partial<ServicePolicy> = {},
): Record<string, ServiceOptions> {
  const laid = Object.entries(services).map(([name, service]) => {
    return [name, { ...service, policy: { ...service.policy, ...own[name], ...forced } }] as const;
  });
  return Object.fromEntries(laid);
}
