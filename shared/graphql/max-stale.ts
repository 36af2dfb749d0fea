import { type DirectiveNode, type GraphQLResolveInfo, Kind } from 'graphql';

/** How many seconds past its freshness a value may be. */
export interface MaxStale {
  /** The smallest that the document says in figures. */
  readonly seconds: number;
  /** The variables that say it too. */
  readonly variables: readonly string[];
  /** Whether the schema says that the value is never kept: not even a fresh one will do. */
  readonly isNeverStale: boolean;
}

const anyAge: MaxStale = { seconds: Number.POSITIVE_INFINITY, variables: [], isNeverStale: false };

/** What `@maxStale` on these nodes says together with what is said above them: nested, the smaller wins. */
export function narrowMaxStale(
  inherited: MaxStale | undefined,
  nodes: ReadonlyArray<{ readonly directives?: readonly DirectiveNode[] }>,
): MaxStale | undefined {
  let narrowed = inherited;
  for (const node of nodes) {
    for (const directive of node.directives ?? []) {
      if (directive.name.value !== 'maxStale') continue;
      const value = directive.arguments?.find((argument) => argument.name.value === 'seconds')?.value;
      const said = narrowed ?? anyAge;
      if (value?.kind === Kind.VARIABLE) narrowed = { ...said, variables: [...said.variables, value.name.value] };
      if (value?.kind === Kind.INT) narrowed = { ...said, seconds: Math.min(said.seconds, Number(value.value)) };
    }
  }
  return narrowed;
}

/** Both limits in one. */
export function combineMaxStale(left: MaxStale | undefined, right: MaxStale | undefined): MaxStale | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return {
    seconds: Math.min(left.seconds, right.seconds),
    variables: [...left.variables, ...right.variables],
    isNeverStale: left.isNeverStale || right.isNeverStale,
  };
}

/** This limit for a field that the schema marks `@neverStale`, and for everything below it. */
export function forbidKept(inherited: MaxStale | undefined): MaxStale {
  return { ...(inherited ?? anyAge), isNeverStale: true };
}

/** What the executor's `info` carries besides what graphql-js defines; `judge` reads it. */
export interface StalenessInfo extends GraphQLResolveInfo {
  readonly maxStale: MaxStale | undefined;
}

/** The limit that holds for the field of `info`, in seconds past freshness; -1 where nothing kept will do, not even fresh. */
export function maxStaleSecondsAt(info: GraphQLResolveInfo): number {
  const maxStale = 'maxStale' in info ? (info as StalenessInfo).maxStale : undefined;
  if (maxStale === undefined) return Number.POSITIVE_INFINITY;
  if (maxStale.isNeverStale) return -1;
  let seconds = maxStale.seconds;
  for (const name of maxStale.variables) {
    const value = info.variableValues[name];
    seconds = Math.min(seconds, typeof value === 'number' ? value : 0);
  }
  return Math.max(0, seconds);
}
