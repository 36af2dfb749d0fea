import {
  defaultFieldResolver,
  defaultTypeResolver,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
  locatedError,
} from 'graphql';
import { findRefusal } from '../authorization.ts';
import type { EngineContext } from '../engine-context.ts';
import { isDead, Place, pathOf } from './place.ts';
import type { AbstractShape, FieldPlan, LeafShape, ListShape, ObjectPlan, OperationPlan, Shape } from './plan.ts';
import { ResolveInfo, type RunFacts } from './resolve-info.ts';

type Holder = Record<string | number, unknown>;

export interface RunOptions {
  readonly schema: GraphQLSchema;
  readonly plan: OperationPlan;
  readonly context: EngineContext;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Runs an operation by its plan, to the letter of the GraphQL specification, section 6; never rejects. */
export function runPlan(options: RunOptions): ExecutionResult | Promise<ExecutionResult> {
  return new PlanRun(options).start();
}

/**
 * One run. Values are written into the answer where they belong as they come; `#pending` counts the promises that are out,
 * so there is no promise per object or list, only one for all.
 */
class PlanRun implements RunFacts {
  readonly schema: GraphQLSchema;
  readonly plan: OperationPlan;
  readonly rootValue: unknown = Object.create(null);
  readonly variables: Readonly<Record<string, unknown>>;
  readonly #context: EngineContext;
  readonly #arguments: Array<Readonly<Record<string, unknown>> | undefined>;
  readonly #errors: GraphQLError[] = [];
  /** How often an error has nulled a position: while it has not, nothing needs to look for a nulled ancestor. */
  #nulledCount = 0;
  #isDataNulled = false;
  #pending = 0;
  #onSettled: (() => void) | undefined;

  constructor({ schema, plan, context, variables }: RunOptions) {
    this.schema = schema;
    this.plan = plan;
    this.variables = variables;
    this.#context = context;
    this.#arguments = new Array(plan.slotCount);
  }

  start(): ExecutionResult | Promise<ExecutionResult> {
    const data: Holder = {};
    if (this.plan.operation.operation === 'mutation') return this.#runSerially(data);
    this.#runFields(this.plan.root, this.rootValue, data, undefined);
    if (this.#pending === 0) return this.#finish(data);
    return this.#settled().then(() => this.#finish(data));
  }

  /** Root fields of a mutation run one after another, each with everything below it (specification, 6.2.2). */
  async #runSerially(data: Holder): Promise<ExecutionResult> {
    for (const field of this.plan.root.fields) {
      this.#runField(field, this.rootValue, data, undefined);
      if (this.#pending > 0) await this.#settled();
      if (this.#isDataNulled) break;
    }
    return this.#finish(data);
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSettled = resolve;
    });
  }

  #finish(data: Holder): ExecutionResult {
    const answer = this.#isDataNulled ? null : data;
    return this.#errors.length === 0 ? { data: answer } : { errors: this.#errors, data: answer };
  }

  #runFields({ fields }: ObjectPlan, source: unknown, result: Holder, parent: Place | undefined): void {
    const nulledBefore = this.#nulledCount;
    for (const field of fields) {
      this.#runField(field, source, result, parent);
      // A null that bubbles up through this object takes what is left of it along.
      if (this.#nulledCount !== nulledBefore && this.#isLost(parent)) return;
    }
  }

  #runField(field: FieldPlan, source: unknown, result: Holder, parent: Place | undefined): void {
    const { responseKey, isSerialized } = field;
    if (field.constant !== undefined) {
      result[responseKey] = field.constant;
      return;
    }
    let place: Place | undefined;
    try {
      let value: unknown;
      if (field.isPlain) {
        value = (source as Holder)[field.name];
      } else {
        place = new Place(parent, responseKey, field.parentType.name, result, field.isNullable);
        value = this.#resolve(field, source, place);
      }
      if (isSerialized !== undefined && isSerialized(value)) {
        result[responseKey] = value;
        return;
      }
      place ??= new Place(parent, responseKey, field.parentType.name, result, field.isNullable);
      if (typeof value === 'function' && field.isPlain) value = this.#callMethod(field, source as Holder, place);
      this.#take(value, field.shape, place, field);
    } catch (error) {
      place ??= new Place(parent, responseKey, field.parentType.name, result, field.isNullable);
      this.#fail(error, place, field);
    }
  }

  #resolve(field: FieldPlan, source: unknown, place: Place): unknown {
    const { authorization, definition } = field;
    if (authorization !== undefined) {
      const refusal = findRefusal(authorization, this.#context.viewer);
      if (refusal !== undefined) throw refusal;
    }
    const info = new ResolveInfo(field, place, this);
    const resolve = definition.resolve ?? defaultFieldResolver;
    return resolve(source, this.#argumentsOf(field), this.#context, info);
  }

  #callMethod(field: FieldPlan, source: Holder, place: Place): unknown {
    return defaultFieldResolver(source, this.#argumentsOf(field), this.#context, new ResolveInfo(field, place, this));
  }

  #argumentsOf(field: FieldPlan): Record<string, unknown> {
    if (field.fixedArguments !== undefined) return field.fixedArguments;
    const kept = this.#arguments[field.slot];
    if (kept !== undefined) return kept;
    const [node] = field.nodes;
    const read = node === undefined ? {} : getArgumentValues(field.definition, node, this.variables);
    this.#arguments[field.slot] = read;
    return read;
  }

  /** Takes a value that may still be a promise. */
  #take(value: unknown, shape: Shape, place: Place, field: FieldPlan): void {
    if (!isPromiseLike(value)) {
      this.#complete(value, shape, place, field);
      return;
    }
    // Keeps the place in the order of the answer's keys.
    place.holder[place.key] = null;
    this.#pending += 1;
    value.then(
      (settled) => {
        if (!this.#isLost(place)) this.#attempt(settled, shape, place, field);
        this.#settleOne();
      },
      (error: unknown) => {
        this.#fail(error, place, field);
        this.#settleOne();
      },
    );
  }

  #settleOne(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.#onSettled?.();
  }

  #attempt(value: unknown, shape: Shape, place: Place, field: FieldPlan): void {
    try {
      this.#complete(value, shape, place, field);
    } catch (error) {
      this.#fail(error, place, field);
    }
  }

  /** Specification, 6.4.3; throws where the value cannot be completed. */
  #complete(value: unknown, shape: Shape, place: Place, field: FieldPlan): void {
    if (value === null || value === undefined) {
      if (shape.isNonNull) {
        throw new Error(`Cannot return null for non-nullable field ${field.parentType.name}.${field.name}.`);
      }
      place.holder[place.key] = null;
      return;
    }
    if (value instanceof Error) throw value;
    switch (shape.kind) {
      case 'leaf':
        place.holder[place.key] = serialize(value, shape, field);
        return;
      case 'object':
        this.#completeObject(value, shape.plan, place);
        return;
      case 'list':
        this.#completeList(value, shape, place, field);
        return;
      case 'abstract':
        this.#completeAbstract(value, shape, place, field);
    }
  }

  #completeObject(value: unknown, plan: ObjectPlan, place: Place): void {
    const result: Holder = {};
    place.holder[place.key] = result;
    this.#runFields(plan, value, result, place);
  }

  #completeList(value: unknown, { item }: ListShape, place: Place, field: FieldPlan): void {
    if (!isIterable(value)) {
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${field.parentType.name}.${field.name}".`,
      );
    }
    const items: unknown[] = [];
    place.holder[place.key] = items;
    const nulledBefore = this.#nulledCount;
    for (const each of value) {
      // Given up, but not left alone: a promise that nobody listens to would end the process when it rejects.
      if (this.#nulledCount !== nulledBefore && this.#isLost(place)) {
        if (isPromiseLike(each)) each.then(undefined, ignore);
        continue;
      }
      const itemPlace = new Place(place, items.length, undefined, items as unknown as Holder, !item.isNonNull);
      try {
        this.#take(each, item, itemPlace, field);
      } catch (error) {
        this.#fail(error, itemPlace, field);
      }
    }
  }

  #completeAbstract(value: unknown, shape: AbstractShape, place: Place, field: FieldPlan): void {
    const { type } = shape;
    const info = new ResolveInfo(field, place, this);
    const resolved = (type.resolveType ?? defaultTypeResolver)(value, this.#context, info, type);
    if (!isPromiseLike(resolved)) {
      this.#completeObject(value, planOf(resolved, shape, field), place);
      return;
    }
    place.holder[place.key] = null;
    this.#pending += 1;
    resolved.then(
      (name) => {
        try {
          if (!this.#isLost(place)) this.#completeObject(value, planOf(name, shape, field), place);
        } catch (error) {
          this.#fail(error, place, field);
        }
        this.#settleOne();
      },
      (error: unknown) => {
        this.#fail(error, place, field);
        this.#settleOne();
      },
    );
  }

  #isLost(place: Place | undefined): boolean {
    return this.#isDataNulled || (this.#nulledCount > 0 && isDead(place));
  }

  /** Records an error and nulls the nearest position above it that may be null (specification, 6.4.4). */
  #fail(error: unknown, place: Place, field: FieldPlan): void {
    if (this.#isLost(place)) return;
    this.#errors.push(locatedError(error, field.nodes, pathOf(place)));
    this.#nulledCount += 1;
    let at: Place | undefined = place;
    while (at !== undefined && !at.isNullable) at = at.prev;
    if (at === undefined) {
      this.#isDataNulled = true;
      return;
    }
    at.isNulled = true;
    at.holder[at.key] = null;
  }
}

function serialize(value: unknown, shape: LeafShape, field: FieldPlan): unknown {
  const serialized = shape.serialize(value);
  if (serialized !== null && serialized !== undefined) return serialized;
  throw new Error(`The type of ${field.parentType.name}.${field.name} cannot represent its value.`);
}

function planOf(name: unknown, shape: AbstractShape, field: FieldPlan): ObjectPlan {
  const plan = typeof name === 'string' ? shape.plans.get(name) : undefined;
  if (plan !== undefined) return plan;
  throw new Error(
    `The value of ${field.parentType.name}.${field.name} says ${JSON.stringify(name)} for its \`__typename\`, which is no ${shape.type.name}.`,
  );
}

function ignore(): void {}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.iterator in value &&
    typeof value[Symbol.iterator] === 'function'
  );
}
