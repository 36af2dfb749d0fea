import { AppError } from './errors.ts';
import { isId } from './id.ts';
import { type CurrencyCode, currencies, type MoneyModel } from './money.ts';
import { markFlawed } from './provenance.ts';

export type WireRecord = Readonly<Record<string, unknown>>;

/**
 * Turns a service's JSON into models and believes none of it: GraphQL's own `Int` would take "12" for 12 without a word.
 *
 * What a record cannot be without (`record`, `list`, `key`) throws `DOWNSTREAM_BAD_RESPONSE`. Any other field that cannot be
 * read becomes an `AppError` in its place: the executor reports an `Error` found there as that field's own error, and the
 * rest of the record is served. `finish` marks such a record as flawed, so that it is never kept.
 */
export class WireReader {
  readonly #service: string;
  #flawCount = 0;

  constructor(service: string) {
    this.#service = service;
  }

  /** @throws AppError `DOWNSTREAM_BAD_RESPONSE` where it is no object. */
  record(value: unknown, what: string): WireRecord {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as WireRecord;
    throw this.mismatch(what, 'an object');
  }

  /** @throws AppError `DOWNSTREAM_BAD_RESPONSE` where it is no list. */
  list(record: WireRecord, name: string): readonly unknown[] {
    const value = record[name];
    if (Array.isArray(value)) return value;
    throw this.mismatch(name, 'a list');
  }

  /**
   * A list whose items are records: one that cannot be read at all is an `AppError` in its place, and the others are served.
   *
   * @throws AppError `DOWNSTREAM_BAD_RESPONSE` where it is no list.
   */
  each<T>(record: WireRecord, name: string, read: (item: WireRecord) => T): readonly T[] {
    const items = this.eachByItself(record, name, read);
    this.#flawCount += items.filter((item) => item instanceof AppError).length;
    return items;
  }

  /** The same of records that are finished one by one: what is wrong with one is no flaw of the list, nor of the next. */
  eachByItself<T>(record: WireRecord, name: string, read: (item: WireRecord) => T): readonly T[] {
    return this.list(record, name).map((item) => {
      const before = this.#flawCount;
      try {
        return read(this.record(item, name));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        this.#flawCount = before;
        return error as never;
      }
    });
  }

  /** The record's own id. @throws AppError `DOWNSTREAM_BAD_RESPONSE` where it is none. */
  key(record: WireRecord, name: string): string {
    const value = record[name];
    if (isId(value)) return value;
    throw this.mismatch(name, 'an id');
  }

  /**
   * A record that says whose it is. @throws AppError `DOWNSTREAM_BAD_RESPONSE` where it is another's: serving it would show
   * one viewer's data to another.
   */
  ownedRecord(value: unknown, what: string, viewerId: string | null): WireRecord {
    const record = this.record(value, what);
    if (viewerId !== null && record['userId'] === viewerId) return record;
    throw this.mismatch(what, "the viewer's own");
  }

  /** The id of another thing, which is asked for by it. */
  reference(record: WireRecord, name: string): string {
    const value = record[name];
    return isId(value) ? value : this.#flaw(name, 'an id');
  }

  optionalReference(record: WireRecord, name: string): string | null {
    return record[name] == null ? null : this.reference(record, name);
  }

  text(record: WireRecord, name: string): string {
    const value = record[name];
    return typeof value === 'string' ? value : this.#flaw(name, 'a string');
  }

  optionalText(record: WireRecord, name: string): string | null {
    return record[name] == null ? null : this.text(record, name);
  }

  texts(record: WireRecord, name: string): readonly string[] {
    const value = record[name];
    return Array.isArray(value) && value.every((each) => typeof each === 'string')
      ? value
      : this.#flaw(name, 'a list of strings');
  }

  integer(record: WireRecord, name: string): number {
    const value = record[name];
    return isInt(value) ? value : this.#flaw(name, 'a whole number of 32 bits');
  }

  decimal(record: WireRecord, name: string): number {
    const value = record[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : this.#flaw(name, 'a number');
  }

  boolean(record: WireRecord, name: string): boolean {
    const value = record[name];
    return typeof value === 'boolean' ? value : this.#flaw(name, 'true or false');
  }

  /** A point in time, made uniform: RFC 3339 in UTC. */
  time(record: WireRecord, name: string): string {
    const value = record[name];
    if (typeof value !== 'string') return this.#flaw(name, 'a point in time');
    // Nearly every service already writes the form that we hand out; building a Date for each would cost more than the check.
    if (uniformTime.test(value)) return value;
    const ms = rfc3339.test(value) && isDate(value) ? Date.parse(value) : Number.NaN;
    const uniform = Number.isNaN(ms) ? '' : new Date(ms).toISOString();
    return uniform.length === 24 ? uniform : this.#flaw(name, 'a point in time');
  }

  optionalTime(record: WireRecord, name: string): string | null {
    return record[name] == null ? null : this.time(record, name);
  }

  /** The client-side name of a wire word; an unknown word is that field's error, and its list survives. */
  word<T extends string>(record: WireRecord, name: string, words: ReadonlyMap<string, T>): T {
    const value = record[name];
    const known = typeof value === 'string' ? words.get(value) : undefined;
    return known ?? this.#flaw(name, `one of ${[...words.keys()].join(', ')}`);
  }

  money(record: WireRecord, name: string): MoneyModel {
    return readMoney(record[name]) ?? this.#flaw(name, 'an amount of money');
  }

  moneyList(record: WireRecord, name: string): readonly MoneyModel[] {
    const value = record[name];
    if (!Array.isArray(value)) return this.#flaw(name, 'a list of prices');
    const prices = value.map(readMoney);
    return prices.every((price) => price !== null) ? prices : this.#flaw(name, 'a list of prices');
  }

  /** A nested record, or that field's error where `read` cannot make one. */
  nested<T>(record: WireRecord, name: string, read: (nested: WireRecord) => T): T {
    const value = record[name];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.#flaw(name, 'an object');
    return read(value as WireRecord);
  }

  optionalNested<T>(record: WireRecord, name: string, read: (nested: WireRecord) => T): T | null {
    return record[name] == null ? null : this.nested(record, name, read);
  }

  /** A list whose items are read one by one; the whole list is the field's error where it is none. */
  nestedList<T>(record: WireRecord, name: string, read: (item: WireRecord) => T): readonly T[] {
    const value = record[name];
    if (!Array.isArray(value)) return this.#flaw(name, 'a list');
    const items: T[] = [];
    for (const [index, item] of value.entries()) {
      if (typeof item === 'object' && item !== null) items.push(read(item as WireRecord));
      else items.push(this.#flaw(`${name}.${index}`, 'an object'));
    }
    return items;
  }

  /** Ends a record: marks it as flawed where one of its fields was. */
  finish<T extends object>(model: T): T {
    if (this.#flawCount > 0) {
      markFlawed(model);
      this.#flawCount = 0;
    }
    return model;
  }

  /** What to throw where something can be read, and is not what it must be. */
  mismatch(what: string, expected: string): AppError {
    return new AppError(
      'DOWNSTREAM_BAD_RESPONSE',
      `The ${this.#service} service sent something that is not ${expected}.`,
      {
        service: this.#service,
        problem: { field: what, expected },
      },
    );
  }

  // The one place where a type is stretched: an Error stands where the model promises a value, for the executor to report.
  #flaw(name: string, expected: string): never {
    this.#flawCount += 1;
    return this.mismatch(name, expected) as never;
  }
}

/** A batch's records by their ids. One that could not be read is the failure of every id that is missing: which of them it was, nobody knows. */
export function byId<T, R>(
  ids: readonly string[],
  records: readonly T[],
  entryOf: (record: T) => readonly [string, R] | undefined,
): Map<string, R | AppError> {
  const found = new Map<string, R | AppError>();
  let unread: AppError | undefined;
  for (const record of records) {
    if (record instanceof AppError) unread = record;
    else {
      const entry = entryOf(record);
      if (entry !== undefined) found.set(...entry);
    }
  }
  if (unread !== undefined) for (const id of ids) if (!found.has(id)) found.set(id, unread);
  return found;
}

/**
 * The first `Error` that stands in the place of one of these values, to be handed on in the place of what would be made of them:
 * `unreadable(price) ?? price.amount * quantity`. Undefined where all of them could be read.
 */
export function unreadable(...values: readonly unknown[]): undefined {
  return values.find((value) => value instanceof Error) as undefined;
}

/** As we hand it out; a day past the 28th is looked at more closely. */
const uniformTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** RFC 3339, and what else says a point in time and no other: no seconds, a zone without its colon, a date alone, which is midnight in UTC. */
const rfc3339 = /^\d{4}-\d{2}-\d{2}(?:T(?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}))?$/i;

/** Whether the month has such a day: Date would go on into the next one. */
function isDate(value: string): boolean {
  const date = value.slice(0, 10);
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

function readMoney(value: unknown): MoneyModel | null {
  if (typeof value !== 'object' || value === null) return null;
  const { amount, currency } = value as Record<string, unknown>;
  if (!isInt(amount) || !currencies.includes(currency as CurrencyCode)) return null;
  return { amount, currency: currency as CurrencyCode };
}

/** GraphQL's Int has 32 bits; more than that would otherwise fail where it is shown, as a failure of ours. */
function isInt(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}
