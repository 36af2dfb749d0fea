import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { createAuthorizationReader } from '../authorization.ts';
import { forbidKept, type MaxStale, narrowMaxStale } from '../max-stale.ts';
import { collectFields } from './collect-fields.ts';
import { createLeafCheck, type IsSerialized } from './leaf-check.ts';
import type { FieldPlan, ObjectPlan, OperationPlan, Shape } from './plan.ts';

/** A plan that would hold more fields than an operation may. */
export class PlanTooLarge extends Error {
  override readonly name = 'PlanTooLarge';
}

export interface PlannerOptions {
  /** The most fields of a plan, counted once for each type that a union or interface may turn out to be. */
  readonly maxFields: number;
}

export type PlanOperation = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  isIncluded: (node: SelectionNode) => boolean,
) => OperationPlan;

/** Builds the function that plans operations of valid documents. @throws PlanTooLarge from that function. */
export function createPlanner(schema: GraphQLSchema, { maxFields }: PlannerOptions): PlanOperation {
  const authorizationOf = createAuthorizationReader(schema);
  const leafChecks = new Map<string, IsSerialized>();

  return (document, operation, isIncluded) => {
    const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    }
    const rootType = schema.getRootType(operation.operation);
    if (!rootType) throw new Error(`The schema has no ${operation.operation} type.`);
    let fieldCount = 0;
    let slotCount = 0;
    const root = planObject(rootType, [operation], narrowMaxStale(undefined, [operation]));
    return { operation, fragments, root, slotCount };

    function planObject(
      type: GraphQLObjectType,
      nodes: ReadonlyArray<FieldNode | OperationDefinitionNode>,
      maxStale: MaxStale | undefined,
    ): ObjectPlan {
      const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const fields: FieldPlan[] = [];
      for (const [responseKey, fieldNodes] of collectFields(type, selectionSets, { schema, fragments, isIncluded })) {
        const field = planField(type, responseKey, fieldNodes, maxStale);
        if (field !== undefined) fields.push(field);
      }
      return { type, fields };
    }

    function planField(
      parentType: GraphQLObjectType,
      responseKey: string,
      nodes: readonly FieldNode[],
      inherited: MaxStale | undefined,
    ): FieldPlan | undefined {
      const [node] = nodes;
      const definition = node === undefined ? undefined : fieldOf(parentType, node.name.value);
      if (node === undefined || definition === undefined) return undefined;
      fieldCount += 1;
      if (fieldCount > maxFields) throw new PlanTooLarge(`The operation asks for more than ${maxFields} fields.`);
      const fixedArguments = readFixedArguments(definition, node);
      const isNeverStale = definition.astNode?.directives?.some(({ name }) => name.value === 'neverStale') ?? false;
      const said = narrowMaxStale(inherited, nodes);
      const maxStale = isNeverStale ? forbidKept(said) : said;
      const authorization = authorizationOf(definition);
      return {
        responseKey,
        name: definition.name,
        parentType,
        definition,
        nodes,
        isNullable: !isNonNullType(definition.type),
        fixedArguments,
        slot: fixedArguments === undefined ? slotCount++ : -1,
        authorization,
        maxStale,
        isPlain: definition.resolve === undefined && authorization === undefined,
        constant: definition === TypeNameMetaFieldDef ? parentType.name : undefined,
        isSerialized: leafCheckOf(definition.type),
        shape: shapeOf(definition.type, nodes, maxStale),
      };
    }

    function shapeOf(declared: GraphQLOutputType, nodes: readonly FieldNode[], maxStale: MaxStale | undefined): Shape {
      const isNonNull = isNonNullType(declared);
      const type = isNonNull ? declared.ofType : declared;
      if (isListType(type)) return { kind: 'list', isNonNull, item: shapeOf(type.ofType, nodes, maxStale) };
      if (isLeafType(type)) return { kind: 'leaf', isNonNull, serialize: (value) => type.serialize(value) };
      if (isObjectType(type)) return { kind: 'object', isNonNull, plan: planObject(type, nodes, maxStale) };
      const plans = schema
        .getPossibleTypes(type)
        .map((member) => [member.name, planObject(member, nodes, maxStale)] as const);
      return { kind: 'abstract', isNonNull, type, plans: new Map(plans) };
    }
  };

  function fieldOf(parentType: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> | undefined {
    if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
    if (parentType === schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    }
    return parentType.getFields()[name];
  }

  function leafCheckOf(declared: GraphQLOutputType): IsSerialized | undefined {
    const type = isNonNullType(declared) ? declared.ofType : declared;
    if (!isLeafType(type)) return undefined;
    let check = leafChecks.get(type.name);
    if (check === undefined) leafChecks.set(type.name, (check = createLeafCheck(type)));
    return check;
  }
}

const noArguments: Readonly<Record<string, unknown>> = Object.freeze({});

function readFixedArguments(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): Readonly<Record<string, unknown>> | undefined {
  if (definition.args.length === 0) return noArguments;
  if (node.arguments?.some(({ value }) => mentionsVariable(value)) ?? false) return undefined;
  return Object.freeze(getArgumentValues(definition, node));
}

function mentionsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(mentionsVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => mentionsVariable(field.value));
}
