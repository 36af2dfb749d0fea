import { request } from 'undici';
import type { InstanceRegistry } from './discovery.ts';

/** A registry that does not answer in this time is asked again later; the last good list goes on meanwhile. */
const timeoutMs = 2000;

/** A list of a thousand instances takes a tenth of this. */
const maxBytes = 1_000_000;

interface ServiceEntry {
  readonly name: string;
  readonly instances: readonly { readonly url: string }[];
}

/** A registry that serves `GET <url>/services`: `{"services": [{"name": "catalog", "instances": [{"url": "http://10.0.0.7:4001"}]}]}`. */
export function createHttpInstanceRegistry(url: string): InstanceRegistry {
  return {
    async list(service) {
      const { statusCode, body } = await request(`${url}/services`, {
        signal: AbortSignal.timeout(timeoutMs),
        headers: { accept: 'application/json' },
      });
      let text = '';
      for await (const chunk of body.setEncoding('utf8')) {
        text += chunk;
        if (text.length > maxBytes) throw new RangeError('The registry of instances sends too long a list.');
      }
      if (statusCode !== 200) throw new Error(`The registry of instances answered with status ${statusCode}.`);
      const entry = servicesOf(JSON.parse(text)).find(({ name }) => name === service);
      return entry?.instances.map((instance) => instance.url) ?? [];
    },
  };
}

function servicesOf(answer: unknown): readonly ServiceEntry[] {
  const services = typeof answer === 'object' && answer !== null && 'services' in answer ? answer.services : undefined;
  if (!Array.isArray(services)) throw new TypeError('The registry of instances answered without a list of services.');
  return services.filter(isServiceEntry);
}

function isServiceEntry(entry: unknown): entry is ServiceEntry {
  if (typeof entry !== 'object' || entry === null || !('name' in entry) || !('instances' in entry)) return false;
  if (typeof entry.name !== 'string' || !Array.isArray(entry.instances)) return false;
  return entry.instances.every((instance: { url?: unknown } | null) => typeof instance?.url === 'string');
}
