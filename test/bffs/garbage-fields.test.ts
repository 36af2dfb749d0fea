import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMobileServer } from '../../bffs/mobile/server.ts';
import { startWebServer } from '../../bffs/web/server.ts';
import { type Fronts, openFronts } from '../../scripts/faults/front.ts';
import { loadConfig } from '../../shared/config/config.ts';
import type { RuntimeOverrides } from '../../shared/server/runtime.ts';
import { askGraphql, type GraphqlAnswer, type Stack, startStack } from '../support/stack.ts';

type Path = readonly (string | number)[];

const operation = (file: string) => readFileSync(new URL(`../../schema/operations/${file}`, import.meta.url), 'utf8');

const productFields = `id sku name description brand price { amount formatted } availability stock category { name }
  images { url width height alt } rating { average count }`;

/** What each client shows: its screen, and what stands on no screen. */
const questions = {
  home: { client: 'mobile', query: operation('mobile/home.graphql') },
  pictures: {
    client: 'mobile',
    query: '{ search(first: 3) { totalCount nodes { name image(size: CARD) { url srcSet width height alt } } } }',
  },
  dashboard: { client: 'web', query: operation('web/dashboard.graphql') },
  // By themselves: on the dashboard what they are made of errs with them, and takes them along.
  shares: {
    client: 'web',
    query:
      '{ dashboard(period: LAST_12_MONTHS) { analytics { changePercent topCategories(first: 1) { sharePercent } } } }',
  },
  orders: {
    client: 'web',
    query: `{ orders(first: 3) { totalCount nodes { id updatedAt total { amount } shipping { amount } tracking { carrier code }
      shippingAddress { id label lines city postalCode country isDefault }
      lines { quantity total { amount } product { id name } } } } }`,
  },
  search: {
    client: 'web',
    query: `{ search(first: 3) { totalCount nodes { ${productFields} }
      facets { categories { count category { name } } brands { brand count } } } }`,
  },
  quote: {
    client: 'web',
    query: `query ($lines: [CheckoutLineInput!]!) { checkoutQuote(lines: $lines, currency: EUR) { isOrderable total { amount }
      lines { productId quantity unitPrice { amount } available } } }`,
  },
} as const;

type QuestionName = keyof typeof questions;

/** Which answers each question is made of. */
const cases: readonly { readonly question: QuestionName; readonly service: string; readonly route: string }[] = [
  { question: 'home', service: 'users', route: '/users/' },
  { question: 'home', service: 'recommendations', route: '/recommendations' },
  { question: 'home', service: 'orders', route: '/orders' },
  { question: 'home', service: 'catalog', route: '/products' },
  { question: 'pictures', service: 'catalog', route: '/products' },
  { question: 'dashboard', service: 'users', route: '/users/' },
  { question: 'dashboard', service: 'orders', route: '/orders' },
  { question: 'dashboard', service: 'recommendations', route: '/recommendations' },
  { question: 'dashboard', service: 'analytics', route: '/spending' },
  { question: 'shares', service: 'analytics', route: '/spending' },
  { question: 'dashboard', service: 'notifications', route: '/notifications' },
  { question: 'dashboard', service: 'catalog', route: '/products' },
  { question: 'orders', service: 'orders', route: '/orders' },
  { question: 'search', service: 'catalog', route: '/search' },
  { question: 'search', service: 'catalog', route: '/products' },
  { question: 'search', service: 'catalog', route: '/categories' },
  { question: 'quote', service: 'catalog', route: '/quotes' },
];

let stack: Stack;
let token: string;
let quoteLines: readonly object[];
const fronts = new Map<string, Fronts>();
const urls = { mobile: '', web: '' };
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  stack = await startStack();
  token = await stack.shop.token('user-1');
  const { body } = await stack.askWeb('{ search(first: 3) { nodes { id } } }');
  quoteLines = body.data.search.nodes.map(({ id }: { id: string }) => ({ productId: id, quantity: 1 }));
  const env: Record<string, string> = { ...stack.env };
  for (const [service, targets] of Object.entries(stack.shop.services)) {
    const opened = await openFronts(targets);
    fronts.set(service, opened);
    closers.push(opened.close);
    env[`${service.toUpperCase()}_URLS`] = opened.urls.join(',');
  }
  const overrides: RuntimeOverrides = {
    // Every answer is the services' own of this moment.
    cache: { isCaching: false, isJoining: false },
    policy: { attempts: 1, hasBreaker: false, healthCheckIntervalMs: 0 },
  };
  const mobile = await startMobileServer(loadConfig(env, { hasImages: true }), overrides);
  const web = await startWebServer(loadConfig(env), overrides);
  closers.unshift(
    () => mobile.close('now'),
    () => web.close('now'),
  );
  Object.assign(urls, { mobile: `${mobile.url}/graphql`, web: `${web.url}/graphql` });
});

afterAll(async () => {
  for (const close of closers) await close();
  await stack.close();
});

async function ask(name: QuestionName): Promise<GraphqlAnswer['body']> {
  const { client, query } = questions[name];
  const variables = name === 'quote' ? { lines: quoteLines } : {};
  const { status, body } = await askGraphql(urls[client], query, { token, variables });
  expect(status).toBe(200);
  return body;
}

/** Changes this service's answers on this route, as long as `run` takes. */
async function changing<T>(service: string, route: string, change: (body: never) => unknown, run: () => Promise<T>) {
  const front = fronts.get(service);
  if (front === undefined) throw new Error(`There is no ${service}.`);
  front.react = ({ message }) => (message.url?.startsWith(route) ? { change } : 'pass');
  try {
    return await run();
  } finally {
    front.react = () => 'pass';
  }
}

describe.each(cases)('$question, of what the $service service says at $route', ({ question, service, route }) => {
  it('a field that cannot be read is that field’s error, wherever it is, and nothing made of it is shown', async () => {
    let wire: unknown;
    const keep = (body: never): unknown => {
      wire = body;
      return body;
    };
    const well = await changing(service, route, keep, () => ask(question));
    expect(well.errors).toBeUndefined();
    const paths = pathsOf(wire);
    expect(paths.length).toBeGreaterThan(3);

    const surprises: string[] = [];
    for (const path of paths) {
      for (const garbage of garbageFor(valueAt(wire, path))) {
        const change = (body: never): unknown => replaced(body, path, garbage);
        const ill = await changing(service, route, change, () => ask(question));
        const said = `${path.join('.')} = ${JSON.stringify(garbage)}: `;
        surprises.push(...surprisesOf(well, ill, service).map((surprise) => said + surprise));
      }
    }
    expect(surprises).toEqual([]);
  });
});

it('a category that cannot be read is the error of whoever refers to it', async () => {
  const unreadable = (menu: { items: object[] }) => ({ items: menu.items.map((item) => ({ ...item, id: 42 })) });
  const change = unreadable as (body: never) => unknown;
  const { data, errors = [] } = await changing('catalog', '/categories', change, () => ask('search'));
  expect(data.search.nodes[0].category).toBeNull();
  expect(errors.map(({ path }) => path?.join('.'))).toContain('search.nodes.0.category');
  expect(new Set(errors.map(({ extensions }) => extensions['code']))).toEqual(new Set(['DOWNSTREAM_BAD_RESPONSE']));
});

it('a line that costs more than an amount can say is a bad response, not a fault of ours', async () => {
  const dear = (page: { items: { lines: object[] }[] }) => {
    const [order] = page.items;
    const [line] = order?.lines ?? [];
    Object.assign(line ?? {}, { quantity: 2, unitPrice: { amount: 2_000_000_000, currency: 'EUR' } });
    return page;
  };
  const { data, errors } = await changing('orders', '/orders', dear as (body: never) => unknown, () => ask('orders'));
  expect(data).toEqual({ orders: null });
  expect(errors).toMatchObject([
    { path: ['orders', 'nodes', 0, 'lines', 0, 'total'], extensions: { code: 'DOWNSTREAM_BAD_RESPONSE' } },
  ]);
});

describe('a write that was done', () => {
  async function write(document: string, service: string, change: (body: never) => unknown) {
    const answer = await changing(service, '/', change, () => askGraphql(urls.web, document, { token }));
    const codes = (answer.body.errors ?? []).map(({ extensions }) => extensions['code']);
    return { data: answer.body.data, codes };
  }

  it('is told of, though the lines of the cancelled order cannot be read', async () => {
    const { body } = await stack.askWeb('{ orders(first: 1, status: [PENDING]) { nodes { id } } }', { token });
    const { id } = body.data.orders.nodes[0];
    const cancel = `mutation { cancelOrder(id: "${id}", idempotencyKey: "${id}-1") { order { id status } } }`;
    expect(await write(cancel, 'orders', (order: object) => ({ ...order, lines: null }))).toEqual({
      data: { cancelOrder: { order: { id, status: 'CANCELLED' } } },
      codes: [],
    });
  });

  it('names the field of its answer that cannot be read', async () => {
    const mark = 'mutation { markNotificationsRead(ids: ["none"]) { unreadCount failure { __typename } } }';
    expect(await write(mark, 'notifications', (marks: object) => ({ ...marks, unknownIds: 'none' }))).toEqual({
      data: { markNotificationsRead: { unreadCount: expect.any(Number), failure: null } },
      codes: ['DOWNSTREAM_BAD_RESPONSE'],
    });
  });
});

/** Of now, and so another each time. */
const moving = new Set<unknown>(['asOf', 'from', 'to']);
/** Without a profile amounts are shown by the client's own preferences. */
const preferred = new Set<unknown>(['price', 'formatted']);

/** Whatever is another thing than when all was well, and no error says so. */
function surprisesOf(well: GraphqlAnswer['body'], ill: GraphqlAnswer['body'], service: string): string[] {
  const errors = ill.errors ?? [];
  const surprises = errors
    .filter(({ extensions }) => extensions['code'] !== 'DOWNSTREAM_BAD_RESPONSE')
    .map(({ path, message, extensions }) => `${path?.join('.')} says ${String(extensions['code'])}, ${message}`);
  const degraded = (ill.extensions?.['degraded'] ?? []) as readonly { readonly path: Path }[];
  const explained: readonly Path[] = [...errors, ...degraded].map(({ path = [] }) => path);
  compare(well.data, ill.data, []);
  return surprises;

  function compare(before: unknown, after: unknown, at: Path): void {
    if (Object.is(before, after) || (moving.has(at.at(-1)) && typeof after === 'string')) return;
    if (service === 'users' && preferred.has(at.at(-1))) return;
    if (isNode(before) && isNode(after) && sizeOf(before) === sizeOf(after)) {
      for (const key of Object.keys(before)) compare(before[key], after[key], [...at, key]);
    } else if (!isExplained(at, after)) {
      surprises.push(`${at.join('.')} was ${JSON.stringify(before)} and is ${JSON.stringify(after)}`);
    }
  }

  /** A null by an error here or below, a list's default by what is said to be degraded. */
  function isExplained(at: Path, after: unknown): boolean {
    if (after !== null && !Array.isArray(after)) return false;
    return explained.some((path) => {
      const shared = Array.isArray(after) ? at.slice(0, path.length) : at;
      return shared.every((key, index) => path[index] === '*' || String(path[index]) === String(key));
    });
  }
}

type Node = Record<string, unknown>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function sizeOf(value: Node): number {
  return Array.isArray(value) ? value.length : 0;
}

/** Every place of a body, of each list its first item's. */
function pathsOf(value: unknown, at: Path = []): Path[] {
  if (Array.isArray(value)) return value.length === 0 ? [at] : [at, ...pathsOf(value[0], [...at, 0])];
  if (!isNode(value)) return [at];
  const below = Object.entries(value).flatMap(([name, each]) => pathsOf(each, [...at, name]));
  return at.length === 0 ? below : [at, ...below];
}

function valueAt(body: unknown, path: Path): unknown {
  return path.reduce((value, key) => (value as Node)[key], body);
}

function garbageFor(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return value.includes('product-') ? [42, 'a,b', '\ud800', ''] : [42];
  if (typeof value === 'number') return ['2', null];
  if (typeof value === 'boolean') return ['yes', null];
  return value === null ? [] : ['x', 42];
}

function replaced(body: unknown, path: Path, garbage: unknown): unknown {
  const copy = structuredClone(body) as Node;
  const parent = valueAt(copy, path.slice(0, -1)) as Node;
  parent[path.at(-1) ?? ''] = garbage;
  return copy;
}
