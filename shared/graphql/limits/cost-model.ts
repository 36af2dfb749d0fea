import { type GraphQLSchema, getDirectiveValues } from 'graphql';
import type { FieldPlan, ObjectPlan, OperationPlan, Shape } from '../execution/plan.ts';
import {
  checkCursor,
  createListSizeReader,
  type Later,
  type ListSizeRule,
  readArgument,
  readListSize,
} from './list-size.ts';

type Variables = Readonly<Record<string, unknown>>;

/** A number that is known already, or once the variables are. */
type Figure = number | ((variables: Variables) => number);

/** What an operation costs. @throws RequestRefusal - `BAD_USER_INPUT` for a variable that asks for too long a list. */
export type CostOf = (variables: Variables) => number;

export interface CostModelOptions {
  /** How long a list is taken to be where neither the schema nor an argument says so. */
  readonly assumedListSize?: number;
}

/**
 * The cost model, after IBM's cost directives: an object costs 1 and a scalar 0 unless `@cost` says otherwise, a list its
 * length times what one of its items costs; of a union the costliest member counts. The function that it returns works out
 * what it can of one operation, so that a request pays only for what depends on its variables.
 *
 * @throws RequestRefusal from that function - `BAD_USER_INPUT` for a literal that asks for too long a list.
 */
export function createCostModel(
  schema: GraphQLSchema,
  options: CostModelOptions = {},
): (plan: OperationPlan) => CostOf {
  const { assumedListSize = 10 } = options;
  const costDirective = schema.getDirective('cost');
  const listSizeOf = createListSizeReader(schema);
  return (plan) => {
    const cost = costOfObject(plan.root.plan, undefined);
    return typeof cost === 'number' ? () => cost : cost;
  };

  function costOfObject({ fields }: ObjectPlan, sized: SizedFields | undefined): Figure {
    return sum(fields.map((field) => costOfField(field, sized)));
  }

  function costOfField(field: FieldPlan, sized: SizedFields | undefined): Figure {
    if (field.name === '__schema' || field.name === '__type') return 1;
    const rule = listSizeOf(field);
    const slice = readSlice(field, rule);
    const weight = weightOf(field);
    const below = { names: rule.sizedFields, size: slice ?? rule.assumedSize ?? assumedListSize };
    if (field.shape.kind !== 'list') {
      const own = weight ?? (field.shape.kind === 'leaf' ? 0 : 1);
      return sum([own, costOfContent(field.shape, rule.sizedFields.length === 0 ? undefined : below)]);
    }
    const inherited = sized?.names.includes(field.name) === true ? sized.size : undefined;
    const length = slice ?? inherited ?? rule.assumedSize ?? assumedListSize;
    return sum([weight ?? 0, costOfItems(field.shape.item, length)]);
  }

  function costOfItems(item: Shape, length: Figure): Figure {
    if (item.kind === 'list') return product(length, costOfItems(item.item, assumedListSize));
    return product(length, item.kind === 'leaf' ? 0 : sum([1, costOfContent(item, undefined)]));
  }

  function costOfContent(shape: Shape, sized: SizedFields | undefined): Figure {
    if (shape.kind === 'object') return costOfObject(shape.plan, sized);
    if (shape.kind === 'abstract') return largest([...shape.plans.values()].map((plan) => costOfObject(plan, sized)));
    return 0;
  }

  function weightOf({ definition }: FieldPlan): number | undefined {
    const values =
      costDirective && definition.astNode ? getDirectiveValues(costDirective, definition.astNode) : undefined;
    const weight = values?.['weight'];
    return typeof weight === 'number' ? weight : undefined;
  }
}

/** The lists inside of a field whose length an argument of that field says, as in a connection. */
interface SizedFields {
  readonly names: readonly string[];
  readonly size: Figure;
}

function readSlice(field: FieldPlan, rule: ListSizeRule): Figure | undefined {
  if (rule.slicingArguments.length === 0) return undefined;
  const sizes = rule.slicingArguments.map((argument) =>
    later(readArgument(field, argument), (value) => readListSize(field, argument, value) ?? rule.assumedSize ?? 0),
  );
  const cursor = later(readArgument(field, 'after'), (value) => {
    checkCursor(field, 'after', value);
    return 0;
  });
  return largest([...sizes, cursor]);
}

function later(argument: Later<unknown>, measure: (value: unknown) => number): Figure {
  return typeof argument === 'function' ? (variables) => measure(argument(variables)) : measure(argument.value);
}

function sum(figures: readonly Figure[]): Figure {
  return combine(figures, 0, (a, b) => a + b);
}

function largest(figures: readonly Figure[]): Figure {
  return combine(figures, 0, Math.max);
}

function product(a: Figure, b: Figure): Figure {
  return combine([a, b], 1, (x, y) => x * y);
}

// What is known now is worked out now; only the rest is left for each request.
function combine(figures: readonly Figure[], start: number, join: (a: number, b: number) => number): Figure {
  let known = start;
  const open: Array<(variables: Variables) => number> = [];
  for (const figure of figures) {
    if (typeof figure === 'number') known = join(known, figure);
    else open.push(figure);
  }
  if (open.length === 0) return known;
  return (variables) => {
    let total = known;
    for (const figure of open) total = join(total, figure(variables));
    return total;
  };
}
