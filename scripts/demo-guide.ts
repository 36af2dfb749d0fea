import { mintToken } from '../demo/identity.ts';
import { demoBreakerOpenSeconds, demoFreshSeconds, type ShopPorts } from './shop-programs.ts';

/** One query a client, short enough for a terminal; a test runs each and holds it against the schema. */
export const exampleQueries: Readonly<Record<'mobile' | 'web', string>> = {
  mobile:
    '{ home { viewer { name } recommendations(first: 3) { name price { formatted } image(size: CARD) { url } } activeOrders { status estimatedDelivery } } }',
  web: '{ dashboard { profile { viewer { name email } } orders(first: 2) { totalCount nodes { status total { formatted } } } analytics { totals { spent { formatted } } changePercent } notifications { unreadCount } } }',
};

/** A command that asks a running server, token included, and works when it is pasted. */
export function curlCommand(url: string, query: string, token: string): string {
  return [
    `curl -s ${url}`,
    "-H 'content-type: application/json'",
    `-H 'authorization: Bearer ${token}'`,
    `-d '${JSON.stringify({ query })}'`,
  ].join(' ');
}

/** What `npm start` shows once everything runs. */
export async function describeDemo(ports: ShopPorts): Promise<string> {
  const token = await mintToken('user-1');
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const servers = (['mobile', 'web'] as const).map((client) => ({ client, url: `${url(ports[client])}/graphql` }));
  const rows: ReadonlyArray<readonly [string, string, string]> = [
    ...servers.map(({ client, url: graphql }) => [client, graphql, 'GraphQL; GraphiQL in a browser'] as const),
    ['shop', `${url(ports.shop)}/services`, 'the services; also /calls and /faults'],
  ];
  const width = Math.max(...rows.map(([, address]) => address.length));
  return [
    ...rows.map(([name, address, remark]) => `  ${name.padEnd(6)}  ${address.padEnd(width)}  ${remark}`),
    '',
    ...servers.flatMap(({ client, url: graphql }) => [
      `Ask the ${client} server as user-1:`,
      curlCommand(graphql, exampleQueries[client], token),
      '',
    ]),
    'To sign in in GraphiQL, put {"authorization": "Bearer <token>"} under its Headers; npm run --silent token -- user-1 prints a token.',
    `Demo settings: a breaker stays open for ${demoBreakerOpenSeconds} s (60 s in production); nothing is fresh for longer than ${demoFreshSeconds} s;`,
    'there is no Redis, each server keeps its own cache.',
    'Ctrl-C ends everything.',
  ].join('\n');
}
