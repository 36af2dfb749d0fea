import { type GraphQLField, type GraphQLSchema, getDirectiveValues } from 'graphql';
import { AppError } from '../errors.ts';
import type { EngineViewer } from './engine-context.ts';

/** What a viewer must be to ask for a field: signed in, and holding every one of these scopes. */
export interface AuthorizationRule {
  readonly scopes: readonly string[];
}

/** Reads `@authenticated` and `@requiresScope` of fields; undefined where everybody may ask. */
export function createAuthorizationReader(
  schema: GraphQLSchema,
): (field: GraphQLField<unknown, unknown>) => AuthorizationRule | undefined {
  const authenticated = schema.getDirective('authenticated');
  const requiresScope = schema.getDirective('requiresScope');
  return ({ astNode }) => {
    if (!astNode) return undefined;
    const required = requiresScope ? getDirectiveValues(requiresScope, astNode) : undefined;
    if (required) return { scopes: readScopes(required['scopes']) };
    return authenticated && getDirectiveValues(authenticated, astNode) ? { scopes: [] } : undefined;
  };
}

function readScopes(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((scope) => typeof scope === 'string')) return value;
  throw new Error('@requiresScope must name its scopes in the schema.');
}

/** Why this viewer may not ask for the field; undefined where they may. */
export function findRefusal(rule: AuthorizationRule, viewer: EngineViewer | null): AppError | undefined {
  if (viewer === null) return new AppError('UNAUTHENTICATED', 'Sign in to ask for this.');
  if (rule.scopes.every((scope) => viewer.scopes.has(scope))) return undefined;
  return new AppError('FORBIDDEN', 'Your token does not allow this.');
}
