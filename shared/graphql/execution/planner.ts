import {
  type DocumentNode,
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
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { createAuthorizationReader } from '../authorization.ts';
import { combineMaxStale, forbidKept, type MaxStale, narrowMaxStale } from '../max-stale.ts';
import { collectFields } from './collect-fields.ts';
import { createLeafCheck, type IsSerialized } from './leaf-check.ts';
import type { AskedField, FieldPlan, ObjectPlan, OperationPlan, Shape } from './plan.ts';

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
    const fragments = findFragments(document);
    const rootType = schema.getRootType(operation.operation);
    if (!rootType) throw new Error(`The schema has no ${operation.operation} type.`);
    let fieldCount = 0;
    let slotCount = 0;
    // The operation, as if it were a field: the position of a whole answer.
    const asked: AskedField = {
      responseKey: '',
      name: operation.operation,
      parentType: rootType,
      definition: TypeNameMetaFieldDef,
      nodes: [],
      maxStale: narrowMaxStale(undefined, [operation]),
    };
    const root = planObject(rootType, [operation.selectionSet], asked.maxStale);
    return { operation, fragments, root: { kind: 'object', isNonNull: false, asked, plan: root }, slotCount };

    function planObject(
      type: GraphQLObjectType,
      selectionSets: readonly SelectionSetNode[],
      maxStale: MaxStale | undefined,
    ): ObjectPlan {
      const fields: FieldPlan[] = [];
      for (const [responseKey, nodes] of collectFields(type, selectionSets, { schema, fragments, isIncluded })) {
        const definition = nodes[0] && fieldOf(type, nodes[0].name.value);
        if (definition === undefined) continue;
        const own = narrowMaxStale(maxStale, nodes);
        fields.push(
          planField({
            responseKey,
            name: definition.name,
            parentType: type,
            definition,
            nodes,
            maxStale: isMarked(definition, 'neverStale') ? forbidKept(own) : own,
          }),
        );
      }
      return { type, fields };
    }

    function planField(asked: AskedField): FieldPlan {
      fieldCount += 1;
      if (fieldCount > maxFields) throw new PlanTooLarge(`The operation asks for more than ${maxFields} fields.`);
      const { definition, parentType } = asked;
      const fixedArguments = readFixedArguments(asked);
      const authorization = authorizationOf(definition);
      const slot = fixedArguments === undefined ? slotCount++ : -1;
      const shape = shapeOf(definition.type, asked);
      const partsMaxStale = maxStaleOfParts(shape);
      const said = combineMaxStale(narrowMaxStale(undefined, asked.nodes), partsMaxStale);
      return {
        ...asked,
        maxStale: combineMaxStale(asked.maxStale, partsMaxStale),
        maxStaleAbove: mayJudge(definition) ? undefined : said,
        fixedArguments,
        slot,
        authorization,
        isPlain: definition.resolve === undefined && authorization === undefined,
        constant: definition === TypeNameMetaFieldDef ? parentType.name : undefined,
        isSerialized: leafCheckOf(definition.type),
        shape,
      };
    }

    function shapeOf(declared: GraphQLOutputType, asked: AskedField): Shape {
      const isNonNull = isNonNullType(declared);
      const type = isNonNull ? declared.ofType : declared;
      const base = { asked, isNonNull };
      if (isListType(type)) return { ...base, kind: 'list', item: shapeOf(type.ofType, asked) };
      if (isLeafType(type)) return { ...base, kind: 'leaf', serialize: (value) => type.serialize(value) };
      const selectionSets = asked.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (isObjectType(type)) {
        return { ...base, kind: 'object', plan: planObject(type, selectionSets, asked.maxStale) };
      }
      const plans = schema
        .getPossibleTypes(type)
        .map((member) => [member.name, planObject(member, selectionSets, asked.maxStale)] as const);
      return { ...base, kind: 'abstract', type, plans: new Map(plans) };
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

/** A resolver that does not take `info` cannot know where its value is shown, nor how old it may be there. */
function mayJudge({ resolve }: GraphQLField<unknown, unknown>): boolean {
  return resolve !== undefined && resolve.length > 3;
}

function maxStaleOfParts(shape: Shape): MaxStale | undefined {
  switch (shape.kind) {
    case 'leaf':
      return undefined;
    case 'list':
      return maxStaleOfParts(shape.item);
    case 'object':
      return maxStaleAboveOf([shape.plan]);
    case 'abstract':
      return maxStaleAboveOf([...shape.plans.values()]);
  }
}

function maxStaleAboveOf(plans: readonly ObjectPlan[]): MaxStale | undefined {
  return plans
    .flatMap(({ fields }) => fields)
    .reduce<MaxStale | undefined>((limit, field) => combineMaxStale(limit, field.maxStaleAbove), undefined);
}

const noArguments: Readonly<Record<string, unknown>> = Object.freeze({});

function readFixedArguments({ definition, nodes }: AskedField): Readonly<Record<string, unknown>> | undefined {
  const [node] = nodes;
  if (node === undefined || definition.args.length === 0) return noArguments;
  if (node.arguments?.some(({ value }) => mentionsVariable(value)) ?? false) return undefined;
  return Object.freeze(getArgumentValues(definition, node));
}

/** Whether the schema puts this directive on the field. */
export function isMarked({ astNode }: GraphQLField<unknown, unknown>, directive: string): boolean {
  return astNode?.directives?.some(({ name }) => name.value === directive) ?? false;
}

function findFragments({ definitions }: DocumentNode): Readonly<Record<string, FragmentDefinitionNode>> {
  // Without a prototype: fragments are named by the client.
  const fragments = Object.create(null) as Record<string, FragmentDefinitionNode>;
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return fragments;
}

function mentionsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.VARIABLE) return true;
  if (value.kind === Kind.LIST) return value.values.some(mentionsVariable);
  return value.kind === Kind.OBJECT && value.fields.some((field) => mentionsVariable(field.value));
}
