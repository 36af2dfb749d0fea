import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

function invalid(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

const rfc3339 = /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

function readDateTime(value: unknown): string {
  if (typeof value === 'string' && value.length <= 40) {
    const day = rfc3339.exec(value)?.[1];
    const at = new Date(value);
    if (day !== undefined && isOnCalendar(day) && hasFourDigitYear(at)) return at.toISOString();
  }
  throw invalid('A DateTime must be RFC 3339, as "2026-11-22T00:00:00.000Z".');
}

/** Without this, 30 February would come in as 2 March. */
function isOnCalendar(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00.000Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

/** The offset can move it over an edge: such a year has six digits and a sign, which is no RFC 3339 any more. */
function hasFourDigitYear(at: Date): boolean {
  const year = at.getUTCFullYear();
  return year >= 0 && year <= 9999;
}

function readLocale(value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 35) {
    try {
      const [locale] = Intl.getCanonicalLocales(value);
      if (locale !== undefined) return locale;
    } catch {
      // Not a language tag: told below.
    }
  }
  throw invalid('A Locale must be a BCP 47 language tag, as "de-DE".');
}

/** A point in time: handed on as RFC 3339 in UTC, both ways. */
export const dateTimeScalar = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: (value) => (typeof value === 'string' ? value : readDateTime(value)),
  parseValue: readDateTime,
  parseLiteral: (node) => readDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

/** A language tag, in its canonical form: `de-de` comes in as `de-DE`. */
export const localeScalar = new GraphQLScalarType<string, string>({
  name: 'Locale',
  serialize: (value) => (typeof value === 'string' ? value : readLocale(value)),
  parseValue: readLocale,
  parseLiteral: (node) => readLocale(node.kind === Kind.STRING ? node.value : undefined),
});
