import { Redis } from 'ioredis';
import type { Lab, ServerUnderFault } from './lab.ts';
import { outcomeOf, pause } from './outcome.ts';

/** Products as clients see them, and whether what keeps them can be used. */
export interface Products {
  /** The outcome of asking for one. */
  ask(id: string): Promise<string>;
  isUp(): Promise<boolean>;
}

export const productById = 'query ($id: ID!) { product(id: $id) { id name } }';

/** So that a row ends: by ioredis's own defaults a GET on a closed port fails after 73 s. */
const patienceMs = 1000;

/**
 * Stands in for our own cache where no value takes its mechanism away: GET, ask, SET, over a connection as ioredis makes it by
 * default, and what fails is the answer.
 */
export function openCacheAside(lab: Lab, server: ServerUnderFault, redisUrl: string): Products {
  const redis = new Redis(redisUrl);
  redis.on('error', () => undefined);
  lab.defer(() => redis.disconnect());

  async function read(id: string): Promise<string> {
    const key = `aside:catalog.products:${id}`;
    const kept = await redis.get(key);
    if (kept !== null) return outcomeOf(JSON.parse(kept) as Awaited<ReturnType<ServerUnderFault['ask']>>);
    const answer = await server.ask(productById, { variables: { id } });
    await redis.set(key, JSON.stringify(answer));
    return outcomeOf(answer);
  }

  function within<T>(work: Promise<T>, failed: (error: Error) => T, late: T): Promise<T> {
    return Promise.race([work.catch(failed), pause(patienceMs).then(() => late)]);
  }

  return {
    ask: (id) => within(read(id), ({ message }) => message.slice(0, 40), `no answer in ${patienceMs / 1000} s`),
    isUp: () => within(redis.ping().then(Boolean), () => false, false),
  };
}
