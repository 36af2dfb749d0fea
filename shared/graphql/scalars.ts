import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

function invalid(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

function readDateTime(value: unknown): string {
  if (typeof value === 'string' && value.length <= 40 && rfc3339.test(value)) {
    const ms = Date.parse(value);
    if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  }
  throw invalid('A DateTime must be RFC 3339, as "2026-11-22T00:00:00.000Z".');
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
