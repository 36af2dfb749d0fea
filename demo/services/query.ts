import type { Parameter } from './operation.ts';
import { type FieldError, Problem, validationProblem } from './problem.ts';
import { findFaults, type Schema, type SchemaType } from './schema.ts';

type QueryValue = string | number | boolean | string[];

/** The query's values after the check against their schemas. */
export interface QueryValues {
  text(name: string): string | undefined;
  integer(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  /** Without repeats; empty where it is not given. */
  list(name: string): string[];
}

function hasType(schema: Schema, type: SchemaType): boolean {
  return [schema.type ?? []].flat().includes(type);
}

/** A value that cannot be coerced stays as it is, for the schema to refuse. */
function coerce(raw: string, schema: Schema): QueryValue {
  if (hasType(schema, 'array')) return raw === '' ? [] : [...new Set(raw.split(','))];
  if (hasType(schema, 'integer') && /^-?\d{1,15}$/.test(raw)) return Number(raw);
  if (hasType(schema, 'boolean') && (raw === 'true' || raw === 'false')) return raw === 'true';
  return raw;
}

function refuseOverLimit(parameter: Parameter, value: QueryValue): void {
  const { maxItems } = parameter.schema;
  const isOver = Array.isArray(value) && maxItems !== undefined && value.length > maxItems;
  if (isOver && parameter['x-over-limit-status'] === 413) {
    throw new Problem(413, 'too-many-ids', {
      detail: `At most ${maxItems} ids are answered at once; ask for the rest in a second call.`,
      extras: { maxIds: maxItems },
    });
  }
}

/**
 * Reads the declared parameters and leaves out what nobody declared.
 * @throws Problem 422 `validation`, or 413 `too-many-ids`
 */
export function readQuery(search: URLSearchParams, parameters: readonly Parameter[]): QueryValues {
  const values = new Map<string, QueryValue>();
  const errors: FieldError[] = [];
  for (const parameter of parameters) {
    if (parameter.in !== 'query') continue;
    const raw = search.get(parameter.name);
    if (raw === null) {
      if (parameter.required) errors.push({ field: parameter.name, message: 'is required' });
      if (parameter.schema.default !== undefined) values.set(parameter.name, parameter.schema.default);
      continue;
    }
    const value = coerce(raw, parameter.schema);
    refuseOverLimit(parameter, value);
    errors.push(...findFaults(value, parameter.schema, { schemas: {}, path: parameter.name }));
    values.set(parameter.name, value);
  }
  if (errors.length > 0) throw validationProblem(errors);
  return createQueryValues(values);
}

function createQueryValues(values: ReadonlyMap<string, QueryValue>): QueryValues {
  const typed = <T>(name: string, isOfType: (value: QueryValue) => value is QueryValue & T): T | undefined => {
    const value = values.get(name);
    return value !== undefined && isOfType(value) ? value : undefined;
  };
  return {
    text: (name) => typed<string>(name, (value): value is string => typeof value === 'string'),
    integer: (name) => typed<number>(name, (value): value is number => typeof value === 'number'),
    flag: (name) => typed<boolean>(name, (value): value is boolean => typeof value === 'boolean'),
    list: (name) => typed<string[]>(name, (value): value is string[] => Array.isArray(value)) ?? [],
  };
}
