import {
  defaultFieldResolver,
  defaultTypeResolver,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  locatedError,
} from 'graphql';
import { findRefusal } from '../authorization.ts';
import type { EngineContext } from '../engine-context.ts';
import { type Container, isLost, nullify, Place, pathOf } from './place.ts';
import type { AbstractShape, FieldPlan, LeafShape, ListShape, ObjectPlan, OperationPlan, Shape } from './plan.ts';
import { readArguments } from './read-arguments.ts';
import { ResolveInfo, type RunFacts } from './resolve-info.ts';
import { beginSection, endSection } from './section-span.ts';

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
  readonly #trace: EngineContext['trace'];
  readonly #arguments: Array<Readonly<Record<string, unknown>> | undefined> = [];
  readonly #errors: GraphQLError[] = [];
  readonly #root: Place;
  #pending = 0;
  #onSettled: (() => void) | undefined;

  constructor({ schema, plan, context, variables }: RunOptions) {
    this.schema = schema;
    this.plan = plan;
    this.variables = variables;
    this.#context = context;
    this.#trace = context.trace;
    this.#root = new Place(undefined, '', plan.root);
    this.#root.container = {};
  }

  start(): ExecutionResult | Promise<ExecutionResult> {
    if (this.plan.operation.operation === 'mutation') return this.#runSerially();
    this.#runFields(this.plan.root.plan, this.rootValue, this.#root);
    if (this.#pending === 0) return this.#finish();
    return this.#settled().then(() => this.#finish());
  }

  /** Root fields of a mutation run one after another, each with everything below it (specification, 6.2.2). */
  async #runSerially(): Promise<ExecutionResult> {
    for (const field of this.plan.root.plan.fields) {
      this.#runField(field, this.rootValue, this.#root);
      if (this.#pending > 0) await this.#settled();
      if (this.#root.isNulled) break;
    }
    return this.#finish();
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSettled = resolve;
    });
  }

  #finish(): ExecutionResult {
    const data = this.#root.isNulled ? null : (this.#root.container ?? null);
    return this.#errors.length === 0 ? { data } : { errors: this.#errors, data };
  }

  #runFields({ fields }: ObjectPlan, source: unknown, place: Place): void {
    const errorsBefore = this.#errors.length;
    for (const field of fields) {
      this.#runField(field, source, place);
      // A null that bubbles up through this object takes what is left of it along.
      if (this.#errors.length !== errorsBefore && isLost(place)) return;
    }
  }

  #runField(field: FieldPlan, source: unknown, parent: Place): void {
    const { responseKey, isSerialized, constant, isPlain } = field;
    const container = parent.container as Container;
    if (constant !== undefined) {
      container[responseKey] = constant;
      return;
    }
    let place: Place | undefined;
    try {
      let value: unknown;
      if (isPlain) {
        value = (source as Container)[field.name];
        if (typeof value === 'function') {
          place = new Place(parent, responseKey, field.shape);
          value = this.#resolve(field, source, place);
        }
      } else {
        place = new Place(parent, responseKey, field.shape);
        value = this.#resolve(field, source, place);
      }
      if (isSerialized !== undefined && isSerialized(value)) {
        container[responseKey] = value;
        return;
      }
      place ??= new Place(parent, responseKey, field.shape);
      this.#take(value, place);
    } catch (error) {
      this.#fail(error, place ?? new Place(parent, responseKey, field.shape));
    }
  }

  #resolve(field: FieldPlan, source: unknown, place: Place): unknown {
    const { authorization, definition } = field;
    if (authorization !== undefined) {
      const refusal = findRefusal(authorization, this.#context.viewer);
      if (refusal !== undefined) throw refusal;
    }
    const resolve = definition.resolve ?? defaultFieldResolver;
    return resolve(source, this.#argumentsOf(field), this.#context, new ResolveInfo(field, place, this));
  }

  #argumentsOf(field: FieldPlan): Readonly<Record<string, unknown>> {
    if (field.fixedArguments !== undefined) return field.fixedArguments;
    const kept = this.#arguments[field.slot];
    if (kept !== undefined) return kept;
    const read = readArguments(field, this.variables);
    this.#arguments[field.slot] = read;
    return read;
  }

  /** Takes a value that may still be a promise. */
  #take(value: unknown, place: Place): void {
    if (isPromiseLike(value)) this.#wait(value, place, (settled) => this.#complete(settled, place));
    else this.#complete(value, place);
  }

  #wait<T>(promise: PromiseLike<T>, place: Place, use: (value: T) => void): void {
    // Keeps the place in the order of the answer's keys.
    place.write(null);
    this.#pending += 1;
    const span = this.#trace === undefined ? undefined : beginSection(this.#trace, place);
    promise.then(
      (value) => {
        if (span !== undefined) endSection(span, place, value);
        try {
          if (this.#errors.length === 0 || !isLost(place)) use(value);
        } catch (error) {
          this.#fail(error, place);
        }
        this.#settleOne();
      },
      (error: unknown) => {
        if (span !== undefined) endSection(span, place, error);
        this.#fail(error, place);
        this.#settleOne();
      },
    );
  }

  #settleOne(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.#onSettled?.();
  }

  /** Specification, 6.4.3; throws where the value cannot be completed. */
  #complete(value: unknown, place: Place): void {
    const { shape } = place;
    if (value === null || value === undefined) {
      if (shape.isNonNull) throw new Error(`Cannot return null for non-nullable field ${nameOf(shape)}.`);
      place.write(null);
      return;
    }
    if (value instanceof Error) throw value;
    switch (shape.kind) {
      case 'leaf':
        place.write(serialize(value, shape));
        return;
      case 'object':
        this.#completeObject(value, shape.plan, place);
        return;
      case 'list':
        this.#completeList(value, shape, place);
        return;
      case 'abstract':
        this.#completeAbstract(value, shape, place);
    }
  }

  #completeObject(value: unknown, plan: ObjectPlan, place: Place): void {
    const container: Container = {};
    place.write(container);
    place.container = container;
    this.#runFields(plan, value, place);
  }

  #completeList(value: unknown, shape: ListShape, place: Place): void {
    if (!isIterable(value)) {
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${nameOf(shape)}".`);
    }
    const items: unknown[] = [];
    place.write(items);
    place.container = items as unknown as Container;
    const errorsBefore = this.#errors.length;
    for (const each of value) {
      // Given up, but not left alone: a promise that nobody listens to would end the process when it rejects.
      if (this.#errors.length !== errorsBefore && isLost(place)) {
        if (isPromiseLike(each)) each.then(undefined, ignore);
        continue;
      }
      const item = new Place(place, items.length, shape.item);
      try {
        this.#take(each, item);
      } catch (error) {
        this.#fail(error, item);
      }
    }
  }

  #completeAbstract(value: unknown, shape: AbstractShape, place: Place): void {
    const { type } = shape;
    const info = new ResolveInfo(shape.asked, place, this);
    const name = (type.resolveType ?? defaultTypeResolver)(value, this.#context, info, type);
    if (isPromiseLike(name)) {
      this.#wait(name, place, (settled) => this.#completeObject(value, planOf(settled, shape), place));
    } else {
      this.#completeObject(value, planOf(name, shape), place);
    }
  }

  /** Records an error, unless its place is null for another one already, and nulls what it takes along. */
  #fail(error: unknown, place: Place): void {
    if (isLost(place)) return;
    this.#errors.push(locatedError(error, place.shape.asked.nodes, pathOf(place)));
    nullify(place);
  }
}

function nameOf({ asked }: Shape): string {
  return `${asked.parentType.name}.${asked.name}`;
}

function serialize(value: unknown, shape: LeafShape): unknown {
  const serialized = shape.serialize(value);
  if (serialized !== null && serialized !== undefined) return serialized;
  throw new Error(`The type of ${nameOf(shape)} cannot represent its value.`);
}

function planOf(name: unknown, shape: AbstractShape): ObjectPlan {
  const plan = typeof name === 'string' ? shape.plans.get(name) : undefined;
  if (plan !== undefined) return plan;
  const said = JSON.stringify(name);
  throw new Error(`The value of ${nameOf(shape)} says ${said} for its \`__typename\`, which is no ${shape.type.name}.`);
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
