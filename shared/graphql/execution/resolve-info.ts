import type { FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { MaxStale, StalenessInfo } from '../max-stale.ts';
import type { Place } from './place.ts';
import type { AskedField, OperationPlan } from './plan.ts';

/** What all fields of one run share. */
export interface RunFacts {
  readonly schema: GraphQLSchema;
  readonly plan: OperationPlan;
  readonly rootValue: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The `info` of a resolver: getters on what is there already, for one is made each time that a resolver runs. */
export class ResolveInfo implements StalenessInfo {
  readonly path: Place;
  readonly #field: AskedField;
  readonly #run: RunFacts;

  constructor(field: AskedField, path: Place, run: RunFacts) {
    this.path = path;
    this.#field = field;
    this.#run = run;
  }

  get fieldName(): string {
    return this.#field.name;
  }

  get fieldNodes(): AskedField['nodes'] {
    return this.#field.nodes;
  }

  get returnType(): AskedField['definition']['type'] {
    return this.#field.definition.type;
  }

  get parentType(): AskedField['parentType'] {
    return this.#field.parentType;
  }

  get maxStale(): MaxStale | undefined {
    return this.#field.maxStale;
  }

  get schema(): GraphQLSchema {
    return this.#run.schema;
  }

  get fragments(): Record<string, FragmentDefinitionNode> {
    return this.#run.plan.fragments;
  }

  get rootValue(): unknown {
    return this.#run.rootValue;
  }

  get operation(): OperationDefinitionNode {
    return this.#run.plan.operation;
  }

  get variableValues(): Record<string, unknown> {
    return this.#run.variables;
  }
}
