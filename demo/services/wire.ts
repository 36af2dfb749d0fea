import { currencies } from '../world/money.ts';
import type { Parameter } from './operation.ts';
import { objectOf, type Schema } from './schema.ts';

export const idPattern = '^[a-z0-9-]{1,64}$';
export const idSchema: Schema = { type: 'string', pattern: idPattern };
export const instantSchema: Schema = { type: 'string', format: 'date-time' };
export const currencySchema: Schema = { type: 'string', enum: currencies };
export const moneySchema: Schema = {
  ...objectOf({ amount: { type: 'integer' }, currency: currencySchema }),
  description: 'In the minor unit of the currency; JPY has none.',
};

/** The id in the path of a single thing. */
export function idParameter(name = 'id'): Parameter {
  return { name, in: 'path', required: true, description: 'The id.', schema: idSchema };
}

export const userIdParameter: Parameter = {
  name: 'userId',
  in: 'query',
  required: true,
  description: 'Whose; a viewer may only name themselves.',
  schema: idSchema,
};

export const idsParameter: Parameter = {
  name: 'ids',
  in: 'query',
  required: true,
  description: 'Separated by commas, at most 100 different ones; those that do not exist are left out.',
  // Not only of the usual shape: one that cannot exist is left out too, and does not cost the others their answer.
  schema: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 255 }, minItems: 1, maxItems: 100 },
  'x-over-limit-status': 413,
};

/** A moment as the wire has it: ISO 8601, UTC, with milliseconds. */
export function toInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
