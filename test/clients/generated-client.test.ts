import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { generate } from '@graphql-codegen/cli';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.close());

/** A frontend team's own program: it knows the generated schema and documents, and nothing else of this repository. */
const program = `
import { print } from 'graphql';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { DashboardDocument } from './web.ts';
import { HomeDocument } from './mobile.ts';

async function ask<Data, Variables>(url: string, document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ' + process.env['TOKEN'] },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data } = (await response.json()) as { data: Data };
  return data;
}

const { home } = await ask(process.env['MOBILE_URL'] + '/graphql', HomeDocument, { locale: 'de-DE' });
const { dashboard } = await ask(process.env['WEB_URL'] + '/graphql', DashboardDocument, { period: 'LAST_90_DAYS' });
const price: string | undefined = home.recommendations?.[0]?.price?.formatted;
const spent: number | undefined = dashboard?.analytics?.totals.spent.amount;
console.log(JSON.stringify({ name: home.viewer?.name, price, spent, viewerId: dashboard?.profile?.viewer.id }));
`;

test('a TypeScript client generated from schema/generated compiles and runs both screens', async () => {
  const root = createTemporaryFolder({ 'program.ts': program, 'package.json': '{"type":"module"}' });
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'), 'junction');
  for (const client of ['mobile', 'web']) {
    const files: { filename: string; content: string }[] = await generate(
      {
        generates: {
          [join(root, `${client}.ts`)]: {
            schema: `schema/generated/${client}/schema.graphql`,
            documents: `schema/operations/${client}/*.graphql`,
            plugins: ['typescript-operations', 'typed-document-node'],
            config: { useTypeImports: true, enumsAsTypes: true, skipTypename: true },
          },
        },
        silent: true,
      },
      false,
    );
    for (const { filename, content } of files) {
      mkdirSync(dirname(filename), { recursive: true });
      writeFileSync(filename, content);
    }
  }
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--allowImportingTsExtensions',
    '--types',
    'node',
  ];
  const env = {
    ...process.env,
    MOBILE_URL: stack.mobileUrl,
    WEB_URL: stack.webUrl,
    TOKEN: await stack.shop.token('user-2'),
  };
  // Not the synchronous kind: the servers that it asks run in this very process.
  const compiled = await run('tsc', [...options, 'program.ts'], { cwd: root }).catch(
    (error: { stdout: string }) => error,
  );
  expect(compiled.stdout).toBe('');
  const { stdout } = await run('node', ['program.ts'], { cwd: root, env });

  expect(JSON.parse(stdout)).toEqual({
    name: expect.any(String),
    price: expect.stringMatching(/^[\d.,]+\s\S+$/),
    spent: expect.any(Number),
    viewerId: 'user-2',
  });
});
