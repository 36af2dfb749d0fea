import type { AskForm } from '../screens.ts';

/** A server that is measured. */
export interface ContenderSpec {
  readonly id: string;
  /** As the results name it. */
  readonly label: string;
  readonly form: AskForm;
  readonly program:
    | { readonly kind: 'peer'; readonly folder: string; readonly flavour?: string }
    /** `finished`: it is given the reference's own answers. */
    | { readonly kind: 'finished'; readonly folder: string }
    | { readonly kind: 'ours'; readonly policy: OursPolicy };
}

/**
 * `cold`: nothing is kept and nobody joins a call under way, so that a request makes all of its calls itself; `merged`: nothing is
 * kept, calls are joined and merged; `production`: as it ships.
 */
export interface OursPolicy {
  readonly cache: 'cold' | 'merged' | 'production';
  /** Default: the allowlist, as in production. */
  readonly documents?: 'open';
  /** Default none. */
  readonly redisUrl?: string;
  /** Default yes; without it nothing stands between the socket and the engine (`ours/bare-edge.ts`). */
  readonly hasEdge?: false;
}

function peer(id: string, label: string, program: { form: AskForm; folder: string; flavour?: string }): ContenderSpec {
  const { form, folder, flavour } = program;
  return {
    id,
    label,
    form,
    program: { kind: 'peer', folder, ...(flavour === undefined ? {} : { flavour }) },
  };
}

function ours(id: string, label: string, policy: OursPolicy): ContenderSpec {
  return { id, label, form: policy.documents === 'open' ? 'text' : 'persisted', program: { kind: 'ours', policy } };
}

export const contenders = {
  bareNode: {
    id: 'bare-node',
    label: 'bare Node, finished bytes',
    form: 'rest',
    program: { kind: 'finished', folder: 'bare-node' },
  },
  rest: peer('rest', 'hand-written REST that does the same', { form: 'rest', folder: 'rest', flavour: 'same' }),
  restBare: peer('rest-bare', 'hand-written REST, the bare endpoint', {
    form: 'rest',
    folder: 'rest',
    flavour: 'bare',
  }),
  mercurius: peer('mercurius', 'Mercurius with JIT', { form: 'text', folder: 'mercurius' }),
  mercuriusCache: peer('mercurius-cache', 'Mercurius with JIT and its cache', {
    form: 'text',
    folder: 'mercurius',
    flavour: 'cache',
  }),
  yoga: peer('yoga', 'GraphQL Yoga', { form: 'text', folder: 'yoga' }),
  apollo: peer('apollo', 'stock Apollo Server', { form: 'text', folder: 'apollo' }),
  apolloItems: peer('apollo-items', 'Apollo, RESTDataSource item by item', {
    form: 'text',
    folder: 'apollo',
    flavour: 'item-by-item',
  }),
  oursCold: ours('ours-cold', 'ours, cold', { cache: 'cold' }),
  oursNoEdge: ours('ours-no-edge', 'ours, cold, without its edge', { cache: 'cold', hasEdge: false }),
  oursMerged: ours('ours-merged', 'ours, merging', { cache: 'merged' }),
  oursWarm: ours('ours', 'ours', { cache: 'production' }),
  oursLines: ours('ours-lines', 'ours, cold', { cache: 'cold', documents: 'open' }),
  // The discard port: nobody listens there.
  oursNoRedis: ours('ours-no-redis', 'ours, its Redis gone', { cache: 'production', redisUrl: 'redis://127.0.0.1:9' }),
} as const satisfies Record<string, ContenderSpec>;
