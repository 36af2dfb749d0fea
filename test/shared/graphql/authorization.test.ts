import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineViewer } from '../../../shared/graphql/engine-context.ts';
import { createTestEngine, type TestEngine } from './support/test-engine.ts';

const sdl = `
  type Query { open: String  mine: String @authenticated  audited: String @requiresScope(scopes: ["shop:read", "audit"])  order: Order }
  type Mutation { buy: String @authenticated }
  type Order { id: ID!  note: String @authenticated  secret: String! @requiresScope(scopes: ["audit"]) }
`;

let engine: TestEngine;
let ran: string[] = [];

beforeAll(async () => {
  const run = (name: string) => () => {
    ran.push(name);
    return name;
  };
  engine = await createTestEngine({
    sdl,
    resolvers: {
      Query: {
        open: run('open'),
        mine: run('mine'),
        audited: run('audited'),
        order: () => ({ id: '1', note: 'note', secret: 'secret' }),
      },
      Mutation: { buy: run('buy') },
    },
  });
});

afterAll(() => engine.stop());

const viewer = (...scopes: string[]): EngineViewer => ({ id: 'user-1', scopes: new Set(scopes) });

async function ask(query: string, who: EngineViewer | null) {
  ran = [];
  const { json, status } = await engine.post({ query }, { viewer: who });
  return {
    status,
    data: json.data,
    codes: json.errors?.map(({ path, extensions }) => [path?.join('.'), extensions.code]),
    ran,
  };
}

test('an anonymous request gets UNAUTHENTICATED and null, before the resolver runs, and the rest all the same', async () => {
  expect(await ask('{ open mine audited }', null)).toEqual({
    status: 200,
    data: { open: 'open', mine: null, audited: null },
    codes: [
      ['audited', 'UNAUTHENTICATED'],
      ['mine', 'UNAUTHENTICATED'],
    ],
    ran: ['open'],
  });
});

test('a viewer without every one of the scopes gets FORBIDDEN and null', async () => {
  expect(await ask('{ open mine audited }', viewer('shop:read'))).toEqual({
    status: 200,
    data: { open: 'open', mine: 'mine', audited: null },
    codes: [['audited', 'FORBIDDEN']],
    ran: ['open', 'mine'],
  });
  expect(await ask('{ audited }', viewer('audit', 'shop:read'))).toMatchObject({
    data: { audited: 'audited' },
    codes: undefined,
  });
});

test('a mutation is not run for anybody who may not ask for it', async () => {
  expect(await ask('mutation { buy }', null)).toMatchObject({
    data: { buy: null },
    codes: [['buy', 'UNAUTHENTICATED']],
    ran: [],
  });
  expect(await ask('mutation { buy }', viewer())).toMatchObject({ data: { buy: 'buy' }, ran: ['buy'] });
});

test('a rule on a field without a resolver holds, by any alias or fragment', async () => {
  expect(await ask('{ order { id note } }', null)).toMatchObject({
    data: { order: { id: '1', note: null } },
    codes: [['order.note', 'UNAUTHENTICATED']],
  });
  expect(await ask('{ order { ...F } } fragment F on Order { id x: secret }', viewer('shop:read'))).toMatchObject({
    data: { order: null },
    codes: [['order.x', 'FORBIDDEN']],
  });
  expect(await ask('{ order { note secret } }', viewer('audit'))).toMatchObject({
    data: { order: { note: 'note', secret: 'secret' } },
  });
});
