import type { InstanceSetting, ServicesConfig } from '../config/services.ts';
import type { ServiceOptions } from '../downstream/downstream-client.ts';
import type { ServicePolicy } from '../downstream/policy.ts';

/** Each service's instances, as its settings name them. */
export function toServices(services: ServicesConfig, policy: Partial<ServicePolicy>): Record<string, ServiceOptions> {
  const options: Record<string, ServiceOptions> = {};
  for (const [name, source] of Object.entries(services)) {
    options[name] = { instances: toInstances(source), policy };
  }
  return options;
}

function toInstances(setting: InstanceSetting): ServiceOptions['instances'] {
  if (setting.kind === 'registry') throw new Error('A registry is not served yet.');
  return setting;
}
