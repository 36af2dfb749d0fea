import * as fc from 'fast-check';

interface Selection {
  readonly kind: number;
  readonly pick: number;
  readonly alias: number;
  readonly condition: number;
  readonly below: readonly Selection[];
}

type TypeName = 'Query' | 'Mutation' | 'Node' | 'Thing' | 'Apple' | 'Pear' | 'Named';

// Field and the type it leads to; `leaf` for none.
const fields: Readonly<Record<TypeName, ReadonlyArray<readonly [string, TypeName | 'leaf']>>> = {
  Query: [
    ['node', 'Node'],
    ['nodeNN', 'Node'],
    ['nodes', 'Node'],
    ['nodesNN', 'Node'],
    ['thing', 'Thing'],
    ['things', 'Thing'],
    ['text', 'leaf'],
    ['textNN', 'leaf'],
    ['__typename', 'leaf'],
  ],
  Mutation: [
    ['node', 'Node'],
    ['nodeNN', 'Node'],
    ['nodes', 'Node'],
    ['text', 'leaf'],
    ['textNN', 'leaf'],
  ],
  Node: [
    ['id', 'leaf'],
    ['text', 'leaf'],
    ['textNN', 'leaf'],
    ['int', 'leaf'],
    ['float', 'leaf'],
    ['flag', 'leaf'],
    ['color', 'leaf'],
    ['colorNN', 'leaf'],
    ['node', 'Node'],
    ['nodeNN', 'Node'],
    ['nodes', 'Node'],
    ['nodesNN', 'Node'],
    ['matrix', 'leaf'],
    ['thing', 'Thing'],
    ['thingNN', 'Thing'],
    ['things', 'Thing'],
    ['loadedText', 'leaf'],
    ['loadedTextNN', 'leaf'],
    ['loadedNode', 'Node'],
    ['loadedNodeNN', 'Node'],
    ['loadedNodes', 'Node'],
    ['echo', 'leaf'],
    ['__typename', 'leaf'],
  ],
  Thing: [['__typename', 'leaf']],
  Named: [
    ['id', 'leaf'],
    ['__typename', 'leaf'],
  ],
  Apple: [
    ['id', 'leaf'],
    ['apple', 'leaf'],
    ['node', 'Node'],
  ],
  Pear: [
    ['id', 'leaf'],
    ['pear', 'leaf'],
    ['nodeNN', 'Node'],
  ],
};

const conditions = [
  '',
  '',
  '',
  '',
  ' @include(if: true)',
  ' @skip(if: false)',
  ' @skip(if: true)',
  ' @include(if: $yes)',
  ' @skip(if: $yes)',
  ' @include(if: $no) @skip(if: $no)',
  ' @skip(if: $no)',
];

const echoes = [
  '',
  '(text: "a \\"quoted\\" text")',
  '(count: 5, list: [1, 2])',
  '(text: $text, count: $count)',
  '(input: {text: $given, count: 1})',
  '(input: {count: null}, list: $list)',
  '(list: $single)',
  '(text: $missing)',
  '(count: $nullable)',
];

/** What every random document declares. */
const head = `($yes: Boolean! = true, $no: Boolean!, $text: String, $count: Int! = 7, $list: [Int!], $single: [Int!],
  $given: String! = "by default", $missing: String, $nullable: Int = 4)`;

export const documentVariables = { no: false, text: 'by variable', list: [4, 5], single: 6, nullable: null };

const selection: fc.Memo<Selection> = fc.memo((depth) =>
  fc.record({
    kind: fc.nat(9),
    pick: fc.nat(1000),
    alias: fc.nat(5),
    condition: fc.nat(1000),
    below: depth > 1 ? fc.array(selection(depth - 1), { minLength: 1, maxLength: 4 }) : fc.constant([]),
  }),
);

/** A document over the world's schema; now and then one that does not validate. */
export const randomDocument: fc.Arbitrary<string> = fc
  .record({
    isMutation: fc.boolean().map((yes) => yes),
    selections: fc.array(selection(4), { minLength: 1, maxLength: 5 }),
  })
  .map(({ isMutation, selections }) => {
    const fragments: string[] = [];
    const body = printSelections(isMutation ? 'Mutation' : 'Query', selections, fragments);
    return `${isMutation ? 'mutation' : 'query'} Q${head} ${body}\n${fragments.join('\n')}`;
  });

function printSelections(type: TypeName, selections: readonly Selection[], fragments: string[]): string {
  const printed = selections.map((each) => printSelection(type, each, fragments)).filter((text) => text !== '');
  return `{ ${printed.length === 0 ? '__typename' : printed.join(' ')} }`;
}

function printSelection(type: TypeName, selection: Selection, fragments: string[]): string {
  const condition = conditions[selection.condition % conditions.length] ?? '';
  const inside: TypeName =
    type === 'Thing' ? ((['Apple', 'Pear', 'Named'] as const)[selection.pick % 3] ?? 'Named') : type;
  if (selection.below.length > 0 && (type === 'Thing' || selection.kind === 0)) {
    return `... on ${inside}${condition} ${printSelections(inside, selection.below, fragments)}`;
  }
  if (selection.below.length > 0 && selection.kind === 1) {
    const name = `F${fragments.length}`;
    fragments.push('');
    fragments[Number(name.slice(1))] =
      `fragment ${name} on ${inside} ${printSelections(inside, selection.below, fragments)}`;
    // Twice, under two conditions: the first may be skipped and the second not.
    return `...${name}${condition} ...${name}`;
  }
  const known = fields[type];
  const [name, leads] = known[selection.pick % known.length] ?? ['__typename', 'leaf'];
  const echo = name === 'echo' ? selection.condition % echoes.length : 0;
  const alias = selection.alias === 0 && echo === 0 ? '' : `${name}_${selection.alias}_${echo}: `;
  const field = `${alias}${name}${name === 'echo' ? echoes[echo] : ''}${condition}`;
  if (leads === 'leaf') return field;
  return `${field} ${selection.below.length === 0 ? '{ __typename }' : printSelections(leads, selection.below, fragments)}`;
}
