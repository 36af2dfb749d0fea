import { readFileSync } from 'node:fs';
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.close());

const home = gql(readFileSync('schema/operations/mobile/home.graphql', 'utf8'));
const dashboard = gql(readFileSync('schema/operations/web/dashboard.graphql', 'utf8'));

async function createClient(url: string): Promise<ApolloClient> {
  const headers = { authorization: `Bearer ${await stack.shop.token('user-2')}` };
  return new ApolloClient({
    link: new HttpLink({ uri: `${url}/graphql`, headers }),
    cache: new InMemoryCache(),
  });
}

test('Apollo Client runs the home screen and the dashboard', async () => {
  const [mobile, web] = await Promise.all([createClient(stack.mobileUrl), createClient(stack.webUrl)]);
  const [phone, screen] = await Promise.all([mobile.query({ query: home }), web.query({ query: dashboard })]);

  expect(phone.error).toBeUndefined();
  expect(phone.data).toMatchObject({
    home: { recommendations: expect.arrayContaining([]), activeOrders: expect.any(Array) },
  });
  expect(screen.error).toBeUndefined();
  expect(screen.data).toMatchObject({ dashboard: { profile: { viewer: { id: 'user-2' } } } });
});

test('with errorPolicy "all" Apollo Client keeps what came when one service is down, and tells what did not', async () => {
  const web = await createClient(stack.webUrl);
  await stack.fault('analytics', { status: 503 });
  // Another period than before: nothing is kept of it.
  const variables = { period: 'LAST_30_DAYS' };
  const { data, error } = await web.query({ query: dashboard, variables, errorPolicy: 'all' });
  await stack.mend();

  expect(data).toMatchObject({ dashboard: { profile: { viewer: { id: 'user-2' } }, analytics: null } });
  if (!CombinedGraphQLErrors.is(error)) throw new Error('The missing section was not told of.', { cause: error });
  expect(error.errors).toHaveLength(1);
  expect(error.errors[0]).toMatchObject({
    path: ['dashboard', 'analytics'],
    extensions: { code: 'DOWNSTREAM_UNAVAILABLE', retryable: true, service: 'analytics' },
  });
});
