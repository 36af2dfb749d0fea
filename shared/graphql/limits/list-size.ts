import { type ArgumentNode, type GraphQLSchema, getDirectiveValues, getNullableType, isListType, Kind } from 'graphql';
import { AppError } from '../../errors.ts';
import { readCursor, readPageSize } from '../arguments.ts';
import type { FieldPlan } from '../execution/plan.ts';
import { RequestRefusal } from '../request-refusal.ts';

/** What `@listSize` says of a field. */
export interface ListSizeRule {
  readonly assumedSize: number | undefined;
  /** The arguments that say how long the list is: a number of items, or a list of keys. */
  readonly slicingArguments: readonly string[];
  /** The fields below it that hold the list; none: the field itself does. */
  readonly sizedFields: readonly string[];
}

const noRule: ListSizeRule = { assumedSize: undefined, slicingArguments: [], sizedFields: [] };

/** Reads `@listSize` of a field. */
export function createListSizeReader(schema: GraphQLSchema): (field: FieldPlan) => ListSizeRule {
  const directive = schema.getDirective('listSize');
  return ({ definition }) => {
    const values = directive && definition.astNode ? getDirectiveValues(directive, definition.astNode) : undefined;
    if (values === undefined) return noRule;
    const { assumedSize, slicingArguments, sizedFields } = values;
    return {
      assumedSize: typeof assumedSize === 'number' ? assumedSize : undefined,
      slicingArguments: Array.isArray(slicingArguments) ? slicingArguments : [],
      sizedFields: Array.isArray(sizedFields) ? sizedFields : [],
    };
  };
}

/** The most keys that a list argument may hold. */
const maxListArgument = 100;

/**
 * How long a list the value of a slicing argument asks for; undefined where it does not say.
 *
 * @throws RequestRefusal - `BAD_USER_INPUT` out of range.
 */
export function readListSize(field: FieldPlan, argument: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  return refusing(field, argument, () => {
    if (!Array.isArray(value)) return readPageSize(Number(value), argument);
    if (value.length <= maxListArgument) return value.length;
    throw new AppError('BAD_USER_INPUT', `\`${argument}\` takes at most ${maxListArgument} items.`);
  });
}

/** @throws RequestRefusal - `BAD_USER_INPUT` where the value of an `after` argument is no cursor. */
export function checkCursor(field: FieldPlan, argument: string, value: unknown): void {
  if (typeof value === 'string') refusing(field, argument, () => readCursor(value));
}

function refusing<T>(field: FieldPlan, argument: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const node = argumentNode(field, argument) ?? field.nodes[0];
    const message = `${field.parentType.name}.${field.name}: ${error.message}`;
    throw new RequestRefusal(error.code, message, node === undefined ? {} : { at: { nodes: [node] } });
  }
}

function argumentNode(field: FieldPlan, argument: string): ArgumentNode | undefined {
  return field.nodes[0]?.arguments?.find(({ name }) => name.value === argument);
}

/** A value that is known already, or once the variables are. */
export type Later<T> = { readonly value: T } | ((variables: Readonly<Record<string, unknown>>) => T);

/** The value of an argument, as far as it is needed to count a list by. */
export function readArgument(field: FieldPlan, argument: string): Later<unknown> {
  if (field.fixedArguments !== undefined) return { value: field.fixedArguments[argument] };
  const definition = field.definition.args.find(({ name }) => name === argument);
  const node = argumentNode(field, argument)?.value;
  if (node === undefined) return { value: definition?.defaultValue };
  if (node.kind === Kind.VARIABLE) {
    const { value: name } = node.name;
    return (variables) => (variables[name] === undefined ? definition?.defaultValue : variables[name]);
  }
  if (node.kind === Kind.NULL) return { value: null };
  if (node.kind === Kind.LIST) return { value: node.values };
  // A single value stands for a list of one.
  if (definition !== undefined && isListType(getNullableType(definition.type))) return { value: [node] };
  return { value: node.kind === Kind.INT ? Number(node.value) : node.kind === Kind.STRING ? node.value : undefined };
}
