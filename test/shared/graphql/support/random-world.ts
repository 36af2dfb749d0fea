import { type GraphQLResolveInfo, type GraphQLSchema, isObjectType } from 'graphql';
import { AppError, type ErrorCode } from '../../../../shared/errors.ts';
import { createExecutableSchema } from '../../../../shared/graphql/schema.ts';

/** A schema with every kind of type, null and list, whose values are made up from a seed. */
export const worldSdl = `
  type Query { node: Node  nodeNN: Node!  nodes: [Node]  nodesNN: [Node!]!  thing: Thing  things: [Thing!]  text: String  textNN: String! }
  type Mutation { node: Node  nodeNN: Node!  nodes: [Node]  text: String  textNN: String! }
  type Node {
    id: ID!
    text: String
    textNN: String!
    int: Int
    float: Float!
    flag: Boolean
    color: Color
    colorNN: Color!
    node: Node
    nodeNN: Node!
    nodes: [Node]
    nodesNN: [Node!]!
    matrix: [[Int!]]
    thing: Thing
    thingNN: Thing!
    things: [Thing!]
    loadedText: String
    loadedTextNN: String!
    loadedNode: Node
    loadedNodeNN: Node!
    loadedNodes: [Node!]
    echo(text: String, count: Int! = 3, list: [Int!], input: Input): String
  }
  input Input { text: String! = "given" count: Int }
  enum Color { RED GREEN }
  interface Named { id: ID! }
  union Thing = Apple | Pear
  type Apple implements Named { id: ID! apple: String! node: Node }
  type Pear implements Named { id: ID! pear: Int nodeNN: Node! }
`;

/** How often things go otherwise than well, each from 0 to 1. */
export interface Chances {
  readonly isLate: number;
  readonly fails: number;
}

/** Settles promises one at a time, in an order that depends on nothing but their seeds. */
export class Schedule {
  readonly #waiting: Array<{ readonly order: number; settle(): void }> = [];

  later<T>(order: number, value: () => T): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      const settle = () => {
        try {
          resolve(value());
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ order, settle });
    });
    // A value that no document asked for may fail unheard.
    promise.catch(() => {});
    return promise;
  }

  /** Until nothing waits any more. */
  async run(): Promise<void> {
    for (;;) {
      // Everything that the last one set off comes first, however many turns of the microtask queue it takes.
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = this.#waiting.sort((a, b) => a.order - b.order);
      if (next === undefined) return;
      this.#waiting.shift();
      next.settle();
    }
  }
}

export interface World {
  readonly schedule: Schedule;
  readonly chances: Chances;
}

interface WorldContext {
  readonly world: World;
}

type Seeded = { readonly seed: number };

const codes: readonly ErrorCode[] = ['DOWNSTREAM_TIMEOUT', 'CIRCUIT_OPEN', 'NOT_FOUND', 'FORBIDDEN'];

function mix(seed: number, ...parts: ReadonlyArray<string | number>): number {
  let hash = seed | 0;
  for (const character of parts.join('/')) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function chance(seed: number, name: string): number {
  return mix(seed, name, 'chance') / 2 ** 32;
}

function failure(seed: number): unknown {
  const kind = mix(seed, 'failure') % 5;
  if (kind === 0) return new Error('a secret');
  if (kind === 1) return null;
  return new AppError(codes[mix(seed, 'code') % codes.length] ?? 'NOT_FOUND', `failed at ${seed % 1000}`);
}

/** The value of a field: the good one, late or not; or a failure: an error, a null, something of the wrong type. */
function valueOf(world: World, seed: number, good: () => unknown): unknown {
  const make = (): unknown => {
    if (chance(seed, 'fails') >= world.chances.fails) return good();
    const failed = failure(seed);
    if (mix(seed, 'manner') % 3 === 0) return { toString: () => 'not what was asked for' };
    if (failed instanceof Error && mix(seed, 'manner') % 2 === 0) throw failed;
    return failed;
  };
  if (chance(seed, 'late') < world.chances.isLate) return world.schedule.later(mix(seed, 'order'), make);
  return make();
}

function makeNode(world: World, seed: number, depth = 0): Record<string, unknown> {
  const at = (name: string, good: () => unknown) => {
    const own = mix(seed, name);
    try {
      return valueOf(world, own, good);
    } catch (error) {
      return error;
    }
  };
  const child = (name: string) => () => makeNode(world, mix(seed, name), depth + 1);
  const children = (name: string) => () =>
    Array.from({ length: mix(seed, name, 'length') % 3 }, (_, index) =>
      at(`${name}/${index}`, () => makeNode(world, mix(seed, name, index), depth + 1)),
    );
  const lazy: Record<string, () => unknown> = {
    node: () => at('node', child('node')),
    nodeNN: () => at('nodeNN', child('nodeNN')),
    nodes: () => at('nodes', children('nodes')),
    nodesNN: () => at('nodesNN', children('nodesNN')),
    thing: () => at('thing', () => makeThing(world, mix(seed, 'thing'))),
    thingNN: () => at('thingNN', () => makeThing(world, mix(seed, 'thingNN'))),
    things: () => at('things', () => [0, 1].map((index) => makeThing(world, mix(seed, 'things', index)))),
  };
  const node: Record<string, unknown> = {
    seed,
    id: `node-${seed}`,
    text: at('text', () => `"text" ${seed}\u2028`),
    textNN: at('textNN', () => 'text'),
    int: at('int', () => seed % 1000),
    float: at('float', () => seed / 7),
    flag: at('flag', () => seed % 2 === 0),
    color: at('color', () => (seed % 7 === 0 ? 'BLUE' : 'RED')),
    colorNN: at('colorNN', () => 'GREEN'),
    matrix: at('matrix', () => [[1, 2], [seed % 3 === 0 ? null : 3], null]),
  };
  for (const [name, get] of Object.entries(lazy)) Object.defineProperty(node, name, { get });
  return node;
}

function makeThing(world: World, seed: number): Record<string, unknown> {
  const kind = seed % 5;
  const base = { seed, id: `thing-${seed}` };
  if (kind === 0) return { ...base, __typename: 'Plum' };
  if (kind < 3) return { ...base, __typename: 'Apple', apple: 'apple', node: makeNode(world, mix(seed, 'node')) };
  return { ...base, __typename: 'Pear', pear: seed % 100, nodeNN: seed % 2 === 0 ? null : makeNode(world, seed + 1) };
}

/** The schema with its resolvers; two of one seed and chances answer alike. */
export function createWorldSchema(): GraphQLSchema {
  const load =
    (name: string, good: (seed: number, world: World) => unknown) =>
    (source: Seeded | undefined, _: unknown, { world }: WorldContext, info: GraphQLResolveInfo) => {
      const seed = mix(source?.seed ?? 1, name, info.path.key);
      return valueOf(world, seed, () => good(seed, world));
    };
  const nodeOf = (seed: number, world: World) => makeNode(world, seed);
  const nodesOf = (seed: number, world: World) =>
    Array.from({ length: seed % 4 }, (_, index) => valueOfItem(world, mix(seed, index)));
  const valueOfItem = (world: World, seed: number) => {
    try {
      return valueOf(world, seed, () => makeNode(world, seed));
    } catch (error) {
      return error;
    }
  };
  const roots = {
    node: load('node', nodeOf),
    nodeNN: load('nodeNN', nodeOf),
    nodes: load('nodes', nodesOf),
    text: load('text', () => 'text'),
    textNN: load('textNN', () => 'text'),
  };
  const schema = createExecutableSchema(worldSdl, {
    Query: {
      ...roots,
      nodesNN: load('nodesNN', nodesOf),
      thing: load('thing', (seed, world) => makeThing(world, seed)),
      things: load('things', (seed, world) => [makeThing(world, seed), makeThing(world, seed + 1)]),
    },
    Mutation: roots,
    Node: {
      loadedText: load('loadedText', () => 'text'),
      loadedTextNN: load('loadedTextNN', () => 'text'),
      loadedNode: load('loadedNode', nodeOf),
      loadedNodeNN: load('loadedNodeNN', nodeOf),
      loadedNodes: load('loadedNodes', nodesOf),
      echo: (_: unknown, args: unknown) => JSON.stringify(args),
    },
  });
  if (!isObjectType(schema.getType('Node'))) throw new Error('The world has no nodes.');
  return schema;
}
