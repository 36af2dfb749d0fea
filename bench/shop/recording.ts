import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Shop, startShop } from '../../demo/shop.ts';
import { recordLines } from './long-orders.ts';
import { answerKey, type RecordedAnswer, type RecordedViewer, type Recording } from './recorded.ts';

/** The end of the shop's history: the same answers whenever the bench runs. */
const shopNow = new Date('2026-11-01T00:00:00.000Z');
const tokenLifetimeSeconds = 24 * 3600;
const batchSize = 100;
const connectionHeaders = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

export const viewerCount = 200;

/** Opens the demo shop, asks what both screens of 200 viewers need, closes it, and writes all of it to a file. */
export async function recordShop(): Promise<{ recording: Recording; file: string }> {
  const shop = await startShop({ now: shopNow, instances: 1 });
  try {
    const recording = await record(shop);
    const file = join(tmpdir(), `shop-bff-bench-${randomUUID()}.json`);
    writeFileSync(file, JSON.stringify(recording));
    return { recording, file };
  } finally {
    await shop.close();
  }
}

async function record(shop: Shop): Promise<Recording> {
  const answers: Record<string, RecordedAnswer> = {};
  const productIds = new Set<string>();
  const viewers: RecordedViewer[] = [];

  async function keep(service: keyof Shop['services'], path: string, authorization: string): Promise<void> {
    const answer = await ask(`${shop.services[service][0]}${path}`, authorization);
    answers[answerKey(service, path)] = answer;
    for (const [, id = ''] of answer.body.matchAll(/"(?:productId|basedOnProductId)":"([^"]+)"/g)) productIds.add(id);
  }

  for (let number = 1; number <= viewerCount; number += 1) {
    const id = `user-${number}`;
    const authorization = `Bearer ${await shop.token(id, { expiresInSeconds: tokenLifetimeSeconds })}`;
    viewers.push({ id, authorization });
    const from = new Date(shopNow.getTime() - 365 * 86_400_000).toISOString();
    await keep('users', `/users/${id}`, authorization);
    await keep('recommendations', `/recommendations?userId=${id}&limit=10`, authorization);
    await keep('orders', `/orders?userId=${id}&status=confirmed,pending,shipped&limit=3`, authorization);
    await keep('orders', `/orders?userId=${id}&limit=20`, authorization);
    await keep('notifications', `/notifications?userId=${id}&unread=true&limit=20`, authorization);
    const period = `from=${from}&to=${shopNow.toISOString()}&compare=previous-period`;
    await keep('analytics', `/spending?userId=${id}&${period}`, authorization);
  }
  const { products, headers } = await recordProducts(shop, [...productIds]);
  const long = recordLines(viewers[0]?.id ?? '', products);
  return {
    viewers,
    answers: { ...answers, ...long.answers },
    products: { ...products, ...long.products },
    productHeaders: headers,
    jwks: (await ask(shop.jwksUrl)).body,
    issuer: shop.issuer,
    audience: shop.audience,
    serviceToken: await shop.serviceToken('bff', { expiresInSeconds: tokenLifetimeSeconds }),
  };
}

async function recordProducts(shop: Shop, ids: readonly string[]) {
  const products: Record<string, string> = {};
  let headers: readonly string[] = [];
  for (let start = 0; start < ids.length; start += batchSize) {
    const wanted = ids.slice(start, start + batchSize).join(',');
    const answer = await ask(`${shop.services.catalog[0]}/products?ids=${wanted}`);
    headers = answer.headers;
    const { items } = JSON.parse(answer.body) as { items: { id: string }[] };
    for (const item of items) products[item.id] = JSON.stringify(item);
  }
  return { products, headers };
}

async function ask(url: string, authorization?: string): Promise<RecordedAnswer> {
  const response = await fetch(url, { headers: authorization === undefined ? {} : { authorization } });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`The demo shop answered ${response.status} to ${url}: ${body}`);
  const headers = [...response.headers].filter(([name]) => !connectionHeaders.has(name));
  return { status: 200, headers: headers.map(([name, value]) => `${name}: ${value}`), body };
}
