import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceName, type Shop, type ShopOptions, startShop } from '../../demo/shop.ts';

/** The morning on which every shop of these tests opens. */
export const morning = new Date('2026-11-22T00:00:00.000Z');

export interface Asked {
  status: number;
  headers: Headers;
  /** Null where the answer has no JSON body. */
  body: Json;
}

/** JSON whose shape the test states by reading it; a wrong guess fails the assertion that reads it. */
export type Json = Json[] & { [name: string]: Json };

export interface AskOptions {
  as?: string;
  token?: string;
  method?: string;
  body?: unknown;
  key?: string;
  headers?: Record<string, string>;
  instance?: number;
  signal?: AbortSignal;
}

export interface OpenShop extends Shop {
  ask(service: ServiceName | 'control' | 'media', path: string, options?: AskOptions): Promise<Asked>;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null as unknown as Json;
  }
}

/** A shop of its own for a test file, on free ports. */
export async function openShop(options: ShopOptions = {}): Promise<OpenShop> {
  const cacheDir = join(tmpdir(), 'demo-shop-test-photographs');
  const shop = await startShop({ seed: 7, now: morning, cacheDir, ...options });

  function urlOf(service: ServiceName | 'control' | 'media', instance: number): string {
    if (service === 'control') return shop.controlUrl;
    return service === 'media' ? shop.mediaUrl : (shop.services[service][instance] ?? '');
  }

  async function headersOf({ as, token, body, key, headers }: AskOptions): Promise<Record<string, string>> {
    const bearer = token ?? (as === undefined ? undefined : await shop.token(as));
    return {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...headers,
    };
  }

  return {
    ...shop,
    async ask(service, path, asking = {}) {
      const response = await fetch(`${urlOf(service, asking.instance ?? 0)}${path}`, {
        method: asking.method ?? (asking.body === undefined ? 'GET' : 'POST'),
        headers: await headersOf(asking),
        ...(asking.body === undefined ? {} : { body: JSON.stringify(asking.body) }),
        ...(asking.signal ? { signal: asking.signal } : {}),
        redirect: 'manual',
      });
      return { status: response.status, headers: response.headers, body: parse(await response.text()) };
    },
  };
}

/** The last word of a problem's type. */
export function slugOf(asked: Asked): string {
  return String(asked.body['type']).split('/').at(-1) ?? '';
}

export interface Offer {
  productId: string;
  /** In minor units. */
  unitPrice: number;
  available: number;
}

/** Products that can be bought, best stocked first. */
export async function findOffers(shop: OpenShop, currency: string): Promise<Offer[]> {
  const found = await shop.ask('catalog', '/search?inStock=true&limit=100');
  const ids = found.body['items']?.map((item) => item['productId']).join(',');
  const products = await shop.ask('catalog', `/products?ids=${ids}`);
  const offers = (products.body['items'] ?? ([] as unknown as Json)).map((product): Offer => {
    const price = product['prices']?.find((candidate) => String(candidate['currency']) === currency);
    return {
      productId: String(product['id']),
      unitPrice: Number(price?.['amount']),
      available: Number(product['stock']?.['available']),
    };
  });
  return offers.toSorted((left, right) => right.available - left.available);
}

/** What can be bought of a product now. */
export async function stockOf(shop: OpenShop, productId: string): Promise<number> {
  return Number((await shop.ask('catalog', `/products/${productId}`)).body['stock']?.['available']);
}
