import * as fc from 'fast-check';
import {
  type ExecutionResult,
  execute,
  type GraphQLError,
  getVariableValues,
  Kind,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import type { EngineContext } from '../../../shared/graphql/engine-context.ts';
import { createOperationPreparer } from '../../../shared/graphql/execution/operation.ts';
import { createErrorFormatter } from '../../../shared/graphql/format-error.ts';
import { documentVariables, randomDocument } from './support/random-document.ts';
import { type Chances, createWorldSchema, Schedule } from './support/random-world.ts';

const schema = createWorldSchema();
const prepare = createOperationPreparer(schema, 10_000);
// Every random document declares the same variables, whether it uses them or not.
const rules = specifiedRules.filter((rule) => rule !== NoUnusedVariablesRule);
const format = createErrorFormatter();

async function settle(
  chances: Chances,
  run: (context: EngineContext) => ExecutionResult | Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  const schedule = new Schedule();
  const answer = run({ world: { schedule, chances } } as unknown as EngineContext);
  await schedule.run();
  return answer;
}

/** graphql-js leaves promises behind when it gives up a list; the plan executor must not, so this is for graphql-js alone. */
async function toleratingStrayRejections<T>(run: () => Promise<T>): Promise<T> {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => {});
  try {
    return await run();
  } finally {
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
}

function render({ data, errors }: ExecutionResult, keep: (error: GraphQLError) => unknown): string {
  const rendered = errors?.map((error) => JSON.stringify(keep(error))).sort();
  return JSON.stringify({ data, errors: rendered });
}

// Theirs has no code for an argument that a variable left without a value, so only the words and the place are compared.
const asSent = (error: GraphQLError) =>
  error.message.startsWith('Argument "') ? error.toJSON() : format(error, 'r').error;

async function answerTwice(
  text: string,
  chances: Chances,
): Promise<{ ours: ExecutionResult; theirs: ExecutionResult } | undefined> {
  const document = parse(text);
  if (validate(schema, document, rules).length > 0) return undefined;
  const definition = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return undefined;
  const theirs = await toleratingStrayRejections(() =>
    settle(chances, (contextValue) => execute({ schema, document, contextValue, variableValues: documentVariables })),
  );
  const operation = prepare('id', document, definition);
  const { coerced = {} } = getVariableValues(schema, definition.variableDefinitions ?? [], documentVariables);
  const ours = await settle(chances, (context) => operation.run(context, coerced));
  return { ours, theirs };
}

/** Where the null is that an error left in the answer. */
function nullAbove(data: unknown, path: readonly (string | number)[]): string {
  let at = data;
  for (const [depth, key] of path.entries()) {
    if (at === null || typeof at !== 'object') return JSON.stringify(path.slice(0, depth));
    at = Reflect.get(at, key);
  }
  return JSON.stringify(path);
}

/**
 * The answer with what the specification leaves open taken out: where several errors below one position made it null, which
 * of them is told, and whether others from below it are.
 */
function renderSettled({ data, errors = [] }: ExecutionResult): string {
  const byNull = Map.groupBy(errors, ({ path = [] }) => nullAbove(data, path));
  const told = Array.from(byNull, ([place, same]) => {
    const isOwn = same.every(({ path }) => JSON.stringify(path) === place);
    return isOwn ? same.map((error) => JSON.stringify(asSent(error))).join() : `${place} was nulled from below`;
  });
  return JSON.stringify({ data, errors: told.sort() });
}

describe('the plan executor and graphql-js', () => {
  test('answer random documents with the same bytes, whatever fails, where nothing comes late', async () => {
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(randomDocument, fc.constantFrom(0, 0.1, 0.4), async (text, fails) => {
        const both = await answerTwice(text, { isLate: 0, fails });
        fc.pre(both !== undefined);
        if (both.theirs.errors !== undefined) failed += 1;
        expect(render(both.ours, asSent)).toBe(render(both.theirs, asSent));
      }),
      { numRuns: 400, maxSkipsPerRun: 2 },
    );
    expect(failed).toBeGreaterThan(100);
  });

  test('answer with the same bytes where values come late and in any order', async () => {
    await fc.assert(
      fc.asyncProperty(randomDocument, fc.constantFrom(0.3, 1), async (text, isLate) => {
        const both = await answerTwice(text, { isLate, fails: 0 });
        fc.pre(both !== undefined);
        // A document can ask for what fails by itself; of two such failures below one null either may be told.
        const settled =
          both.theirs.errors === undefined ? (answer: ExecutionResult) => render(answer, asSent) : renderSettled;
        expect(settled(both.ours)).toBe(settled(both.theirs));
      }),
      { numRuns: 150, maxSkipsPerRun: 2 },
    );
  });

  test('null the same positions where values come late and fail', async () => {
    let nulled = 0;
    await fc.assert(
      fc.asyncProperty(
        randomDocument,
        fc.constantFrom(0.05, 0.3),
        fc.constantFrom(0.3, 1),
        async (text, fails, isLate) => {
          const both = await answerTwice(text, { isLate, fails });
          fc.pre(both !== undefined);
          const ours = renderSettled(both.ours);
          if (ours.includes('nulled from below')) nulled += 1;
          expect(ours).toBe(renderSettled(both.theirs));
        },
      ),
      { numRuns: 300, maxSkipsPerRun: 2 },
    );
    expect(nulled).toBeGreaterThan(30);
  });
});
