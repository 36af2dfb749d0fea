import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { EngineContext } from '../engine-context.ts';
import { type CostOf, createCostModel } from '../limits/cost-model.ts';
import { RequestRefusal } from '../request-refusal.ts';
import { type Conditions, findConditions, isIncludedBy } from './conditions.ts';
import type { ObjectPlan, OperationPlan, Shape } from './plan.ts';
import { createPlanner, isMarked, PlanTooLarge } from './planner.ts';
import { runPlan } from './run-plan.ts';

type Variables = Readonly<Record<string, unknown>>;

/** One operation of a document that was read once, with everything that can be known before its variables are. */
export interface Operation {
  readonly documentId: string;
  /** Null where it has none. */
  readonly name: string | null;
  readonly definition: OperationDefinitionNode;
  /** This operation alone, with the fragments. */
  readonly document: DocumentNode;
  /** Its fields at the root, one for each alias. */
  readonly rootFields: readonly string[];
  /** The deprecated fields that it asks for: `Product.price`. */
  readonly deprecatedFields: readonly string[];
  /** The fields that the schema marks `@sensitive`, once for each time that they may be asked for. */
  readonly sensitiveFields: readonly string[];
  /** Those of them that are, once the variables of `@skip` and `@include` are known. */
  sensitiveFieldsIn(variables: Variables): readonly string[];
  /** Whether part of it must be asked afresh each time. */
  readonly isNeverStale: boolean;
  /** Whether it says of some part how stale that may be. */
  readonly limitsStaleness: boolean;
  /** How many fields it asks for at most. */
  readonly fieldCount: number;
  /** How many all the plans have that may be kept for its `@skip` and `@include`. */
  readonly plannedFields: number;
  readonly costOf: CostOf;
  /** The variables that `@skip` and `@include` read. */
  readonly conditions: readonly string[];
  /** `variables` are coerced already. */
  run(context: EngineContext, variables: Variables): ExecutionResult | Promise<ExecutionResult>;
}

export type PrepareOperation = (
  documentId: string,
  whole: DocumentNode,
  definition: OperationDefinitionNode,
) => Operation;

/** How many plans an operation keeps for its `@skip` and `@include`: four conditions' worth. */
const maxVariants = 16;

/**
 * Builds the function that prepares the operations of valid documents.
 *
 * @throws RequestRefusal from that function - `DOCUMENT_LIMIT_EXCEEDED`, or `BAD_USER_INPUT` for a literal list size.
 */
export function createOperationPreparer(schema: GraphQLSchema, maxFields: number): PrepareOperation {
  const plan = createPlanner(schema, { maxFields });
  const costModel = createCostModel(schema);

  return (documentId, whole, definition) => {
    if (!schema.getRootType(definition.operation)) {
      // Validation lets it pass: the specification has a schema without, say, subscriptions fail only when one is run.
      throw new RequestRefusal('GRAPHQL_VALIDATION_FAILED', `There are no ${definition.operation} operations here.`, {
        at: { nodes: [definition] },
      });
    }
    const document: DocumentNode = {
      kind: Kind.DOCUMENT,
      definitions: whole.definitions.filter((other) => other === definition || other.kind === Kind.FRAGMENT_DEFINITION),
    };
    const widest = planWidest(document, definition);
    const { fieldCount, ...facts } = readFacts(widest);
    const conditions = findConditions(document);
    const variantCount = conditions.isConditional ? Math.min(maxVariants, 2 ** conditions.variables.length) : 0;
    const planFor = createVariants({ document, definition, widest, conditions });
    return {
      documentId,
      name: definition.name?.value ?? null,
      definition,
      document,
      ...facts,
      fieldCount,
      plannedFields: fieldCount * (1 + variantCount),
      costOf: costModel(widest),
      conditions: conditions.variables,
      sensitiveFieldsIn: (variables) =>
        facts.sensitiveFields.length === 0 ? noFields : readFacts(planFor(variables)).sensitiveFields,
      run: (context, variables) => runPlan({ schema, plan: planFor(variables), context, variables }),
    };
  };

  // Everything that any request may ask for: what is skipped counts as asked.
  function planWidest(document: DocumentNode, definition: OperationDefinitionNode): OperationPlan {
    try {
      return plan(document, definition, () => true);
    } catch (error) {
      if (error instanceof PlanTooLarge) throw new RequestRefusal('DOCUMENT_LIMIT_EXCEEDED', error.message);
      throw error;
    }
  }

  function createVariants({ document, definition, widest, conditions }: Prepared): PlanFor {
    if (!conditions.isConditional) return () => widest;
    const variants = new Map<string, OperationPlan>();
    return (variables) => {
      const key = conditions.variables.map((name) => (variables[name] === true ? '1' : '0')).join('');
      let variant = variants.get(key);
      if (variant === undefined) {
        variant = plan(document, definition, isIncludedBy(variables));
        if (variants.size >= maxVariants) variants.clear();
        variants.set(key, variant);
      }
      return variant;
    };
  }
}

/** The plan of an operation for these variables. */
type PlanFor = (variables: Variables) => OperationPlan;

const noFields: readonly string[] = [];

interface Prepared {
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly widest: OperationPlan;
  readonly conditions: Conditions;
}

type OperationFacts = Pick<
  Operation,
  'rootFields' | 'deprecatedFields' | 'sensitiveFields' | 'isNeverStale' | 'limitsStaleness'
>;

function readFacts({ root: { plan: root } }: OperationPlan): OperationFacts & { readonly fieldCount: number } {
  const deprecated = new Set<string>();
  const sensitiveFields: string[] = [];
  let isNeverStale = false;
  let limitsStaleness = false;
  let fieldCount = 0;
  visitObject(root);
  return {
    fieldCount,
    rootFields: root.fields.map(({ name }) => name),
    deprecatedFields: [...deprecated],
    sensitiveFields,
    isNeverStale,
    limitsStaleness,
  };

  function visitObject({ type, fields }: ObjectPlan): void {
    fieldCount += fields.length;
    for (const field of fields) {
      if (field.definition.deprecationReason != null) deprecated.add(`${type.name}.${field.name}`);
      if (isMarked(field.definition, 'sensitive')) sensitiveFields.push(`${type.name}.${field.name}`);
      isNeverStale ||= field.maxStale?.isNeverStale ?? false;
      limitsStaleness ||= field.maxStale !== undefined;
      visitShape(field.shape);
    }
  }

  function visitShape(shape: Shape): void {
    if (shape.kind === 'list') visitShape(shape.item);
    if (shape.kind === 'object') visitObject(shape.plan);
    if (shape.kind === 'abstract') for (const plan of shape.plans.values()) visitObject(plan);
  }
}
