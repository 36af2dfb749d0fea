import { buildSchema, type FragmentDefinitionNode, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createDocumentReader } from '../../../shared/graphql/documents/document-reader.ts';
import { createOperationPreparer } from '../../../shared/graphql/execution/operation.ts';
import { createErrorFormatter } from '../../../shared/graphql/format-error.ts';
import { defaultDocumentLimits } from '../../../shared/graphql/limits/document-limits.ts';
import { countFieldPairs } from '../../../shared/graphql/limits/field-pairs.ts';
import { RequestRefusal } from '../../../shared/graphql/request-refusal.ts';

describe('fragments that spread each other in every order', () => {
  it('are counted no further than may be: without an end to it, this would not come to one', () => {
    const names = Array.from({ length: 14 }, (_, index) => `F${index}`);
    const spreads = names.map((name) => `...${name}`).join(' ');
    const text = `{ ...F0 } ${names.map((name, index) => `fragment ${name} on Query { a${index}: q { ${spreads} } }`).join(' ')}`;
    const [operation, ...fragments] = parse(text).definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('That is no operation.');
    const byName = new Map(
      fragments.map((each) => [(each as FragmentDefinitionNode).name.value, each as FragmentDefinitionNode]),
    );
    expect(countFieldPairs(operation.selectionSet, byName, 100)).toBeGreaterThan(100);
  });
});

describe('a document of many operations', () => {
  const schema = buildSchema('type Query { q: Query a: Int b: Int }');
  const limits = { ...defaultDocumentLimits, maxSelections: 20 };
  const read = createDocumentReader({
    schema,
    limits,
    allowsIntrospection: true,
    prepare: createOperationPreparer(schema, limits.maxSelections),
  });
  const text = (count: number) =>
    `${Array.from({ length: count }, (_, index) => `query Q${index} { ...F }`).join(' ')} fragment F on Query { a b q { a b } }`;

  it('asks for so many fields all together, and weighs what their plans hold', () => {
    expect(read('id', text(4))).toMatchObject({ kind: 'ready', operations: [{ fieldCount: 5 }, {}, {}, {}] });
    expect(read('id', text(5))).toMatchObject({
      kind: 'refused',
      refusals: [{ extensions: { code: 'DOCUMENT_LIMIT_EXCEEDED' } }],
    });
  });

  it('with conditions weighs as many plans as they make', () => {
    expect(read('id', 'query ($a: Boolean!, $b: Boolean!) { a @include(if: $a) b @skip(if: $b) }')).toMatchObject({
      operations: [{ fieldCount: 2, plannedFields: 2 * 5 }],
    });
  });
});

it('a message that quotes what was sent is cut, and tells no part of the schema', () => {
  const format = createErrorFormatter();
  const { message } = format(new RequestRefusal('BAD_USER_INPUT', `No. ${'Did you mean '.repeat(8000)}`), 'r').error;
  expect(message).toBe('No.');
  expect(format(new RequestRefusal('BAD_USER_INPUT', 'x'.repeat(90_000)), 'r').error.message).toHaveLength(1003);
});
