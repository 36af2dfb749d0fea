import type { FieldError } from './problem.ts';

/** The part of JSON Schema 2020-12 that the OpenAPI documents here are written in. */
export interface Schema {
  $ref?: string;
  type?: SchemaType | readonly SchemaType[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  enum?: readonly (string | number | boolean | null)[];
  anyOf?: readonly Schema[];
  format?: 'date-time' | 'uri' | 'email';
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  default?: string | number | boolean;
}

export type SchemaType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null';
export type Schemas = Record<string, Schema>;

const refPrefix = '#/components/schemas/';
const maxErrors = 20;
const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** A reference to one of the document's named schemas. */
export function ref(name: string): Schema {
  return { $ref: `${refPrefix}${name}` };
}

/** The same schema, or null. */
export function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** An object with all of its properties required, but for those named. */
export function objectOf(properties: Record<string, Schema>, options: { optional?: readonly string[] } = {}): Schema {
  const required = Object.keys(properties).filter((name) => !options.optional?.includes(name));
  return { type: 'object', properties, required, additionalProperties: true };
}

function typeOf(value: unknown): SchemaType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value as 'string' | 'boolean';
  return 'object';
}

function hasType(value: unknown, types: readonly SchemaType[]): boolean {
  const actual = typeOf(value);
  return types.includes(actual) || (actual === 'integer' && types.includes('number'));
}

function isFormat(value: string, format: Schema['format']): boolean {
  if (format === 'date-time') return dateTime.test(value) && !Number.isNaN(Date.parse(value));
  if (format === 'uri') return URL.canParse(value);
  return format !== 'email' || /^[^@\s]+@[^@\s]+$/.test(value);
}

function stringFault(value: string, schema: Schema): string | undefined {
  const { length } = Array.from(value);
  if (schema.minLength !== undefined && length < schema.minLength)
    return `must have at least ${schema.minLength} characters`;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    return `must have at most ${schema.maxLength} characters`;
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
    return `must match ${schema.pattern}`;
  if (!isFormat(value, schema.format)) return `must be a ${schema.format}`;
  return undefined;
}

function numberFault(value: number, schema: Schema): string | undefined {
  if (schema.minimum !== undefined && value < schema.minimum) return `must be at least ${schema.minimum}`;
  if (schema.maximum !== undefined && value > schema.maximum) return `must be at most ${schema.maximum}`;
  return undefined;
}

function arrayFault(value: readonly unknown[], schema: Schema): string | undefined {
  if (schema.minItems !== undefined && value.length < schema.minItems)
    return `must have at least ${schema.minItems} entries`;
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    return `must have at most ${schema.maxItems} entries`;
  return undefined;
}

function ownFault(value: unknown, schema: Schema): string | undefined {
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !hasType(value, types)) return `must be of type ${types.join(' or ')}`;
  if (schema.enum && !schema.enum.includes(value as string)) return `must be one of ${schema.enum.join(', ')}`;
  if (typeof value === 'string') return stringFault(value, schema);
  if (typeof value === 'number') return numberFault(value, schema);
  return Array.isArray(value) ? arrayFault(value, schema) : undefined;
}

/** What is wrong with a value, by path (`lines.0.quantity`); nothing where it fits. At most 20 faults are told. */
export function findFaults(value: unknown, schema: Schema, context: { schemas: Schemas; path?: string }): FieldError[] {
  const path = context.path ?? '';
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(refPrefix.length);
    const target = context.schemas[name];
    if (!target) throw new Error(`The document names no schema ${name}.`);
    return findFaults(value, target, context);
  }
  if (schema.anyOf) {
    const attempts = schema.anyOf.map((option) => findFaults(value, option, context));
    if (attempts.some((faults) => faults.length === 0)) return [];
    // null alone is never what was meant by something that is not null.
    return attempts[0] ?? [];
  }
  const fault = ownFault(value, schema);
  if (fault !== undefined) return [{ field: path || 'body', message: fault }];
  return nestedFaults(value, schema, { ...context, path }).slice(0, maxErrors);
}

function nestedFaults(value: unknown, schema: Schema, context: { schemas: Schemas; path: string }): FieldError[] {
  const inside = (name: string | number) => (context.path === '' ? `${name}` : `${context.path}.${name}`);
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((entry, index) => findFaults(entry, items, { ...context, path: inside(index) })) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const missing = (schema.required ?? [])
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => ({ field: inside(name), message: 'is required' }));
  const present = Object.entries(value).flatMap(([name, member]) => {
    const own = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (own) return findFaults(member, own, { ...context, path: inside(name) });
    if (schema.additionalProperties === false) return [{ field: inside(name), message: 'is not known here' }];
    return typeof schema.additionalProperties === 'object'
      ? findFaults(member, schema.additionalProperties, { ...context, path: inside(name) })
      : [];
  });
  return [...missing, ...present];
}
