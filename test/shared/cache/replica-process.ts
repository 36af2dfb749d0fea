import { systemClock } from '../../../shared/clock.ts';
import { createFakeService, only, requestScope, thingRead } from './cache-kit.ts';
import { startReplica } from './replica.ts';

/** One process of a fleet: it reads and writes as it is told over IPC. The service's revision is told with each read. */
type Message =
  | { readonly kind: 'read'; readonly revision: number }
  | { readonly kind: 'write' }
  | { readonly kind: 'untilHearing' };

const service = createFakeService();
const read = thingRead(service, { audience: 'viewer', name: 'shop.mine' });
const replica = startReplica(process.argv[2] ?? '');

async function answer(message: Message): Promise<Record<string, unknown>> {
  switch (message.kind) {
    case 'read': {
      service.revision = message.revision;
      const results = await replica.cache.many(read, ['x'], requestScope(systemClock, { viewerId: 'ann' }));
      return { revision: only(results).value.revision };
    }
    case 'write':
      await replica.cache.drop({ viewerId: 'ann', reads: ['shop.mine'] });
      return {};
    case 'untilHearing':
      await replica.untilHearing();
      return {};
  }
}

process.on('message', (message: Message) => {
  void answer(message).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit());
await replica.untilHearing();
process.send?.({});
