import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLAbstractType,
  GraphQLField,
  GraphQLObjectType,
  OperationDefinitionNode,
} from 'graphql';
import type { AuthorizationRule } from '../authorization.ts';
import type { MaxStale } from '../max-stale.ts';
import type { IsSerialized } from './leaf-check.ts';

/** How an operation runs: its fields by the type they are asked of, fragments merged, and everything that no request changes worked out. */
export interface OperationPlan {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly root: ObjectShape;
  /** How many of its fields have arguments that depend on variables. */
  readonly slotCount: number;
}

/** The fields that are asked of one type at one place of a document. */
export interface ObjectPlan {
  readonly type: GraphQLObjectType;
  readonly fields: readonly FieldPlan[];
}

/** A field as a document asks for it at one place. */
export interface AskedField {
  /** The alias, else the name. */
  readonly responseKey: string;
  readonly name: string;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  /** Every node of the document that asks for it. */
  readonly nodes: readonly FieldNode[];
  /** How old its value may be, by itself and everything above it; undefined where nothing says so. */
  readonly maxStale: MaxStale | undefined;
}

export interface FieldPlan extends AskedField {
  /** How old its value may be: by what `AskedField` says, and by its parts that no resolver of their own could judge. */
  readonly maxStale: MaxStale | undefined;
  /** What the document says of it and its parts that only the field above can judge: it is read out of that one's value. */
  readonly maxStaleAbove: MaxStale | undefined;
  /** Its arguments where no variable changes them. */
  readonly fixedArguments: Readonly<Record<string, unknown>> | undefined;
  /** Where a run keeps its arguments otherwise. */
  readonly slot: number;
  /** What a viewer must be; undefined where everybody may ask. */
  readonly authorization: AuthorizationRule | undefined;
  /** Whether it is read from its parent's value, with neither a resolver nor a rule. */
  readonly isPlain: boolean;
  /** For `__typename`: the answer. */
  readonly constant: string | undefined;
  /** For a leaf: whether a value needs no serializing. */
  readonly isSerialized: IsSerialized | undefined;
  readonly shape: Shape;
}

/** How a value is completed; one for each level of the field's type. */
export type Shape = LeafShape | ListShape | ObjectShape | AbstractShape;

interface ShapeBase {
  readonly asked: AskedField;
  readonly isNonNull: boolean;
}

export interface LeafShape extends ShapeBase {
  readonly kind: 'leaf';
  serialize(value: unknown): unknown;
}

export interface ListShape extends ShapeBase {
  readonly kind: 'list';
  readonly item: Shape;
}

export interface ObjectShape extends ShapeBase {
  readonly kind: 'object';
  readonly plan: ObjectPlan;
}

export interface AbstractShape extends ShapeBase {
  readonly kind: 'abstract';
  readonly type: GraphQLAbstractType;
  /** By the name of the type that a value turns out to be. */
  readonly plans: ReadonlyMap<string, ObjectPlan>;
}
