import { GraphQLError, getArgumentValues } from 'graphql';
import { AppError } from '../../errors.ts';
import type { FieldPlan } from './plan.ts';

/**
 * The arguments of a field, once the variables are known.
 *
 * @throws GraphQLError - `BAD_USER_INPUT` for a variable that is null where the argument takes none. Validation lets
 * `$first: Int` stand for an `Int!` that has a default, so only the run can tell; graphql-js gives that error no code, and
 * without one it would be masked as a fault of ours.
 */
export function readArguments(
  { definition, nodes: [node] }: FieldPlan,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (node === undefined) return {};
  try {
    return getArgumentValues(definition, node, variables);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(error.message, {
      ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
      originalError: new AppError('BAD_USER_INPUT', error.message),
    });
  }
}
