import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoPrivateJwk } from '../../demo/identity.ts';
import type { ServiceName } from '../../demo/shop.ts';
import { type OpenShop, openShop, slugOf } from './open-shop.ts';

const ownPaths: [ServiceName, string][] = [
  ['users', '/users/user-1'],
  ['orders', '/orders?userId=user-1'],
  ['recommendations', '/recommendations?userId=user-1'],
  ['analytics', '/spending?userId=user-1'],
  ['notifications', '/notifications?userId=user-1'],
];

describe('a viewer', () => {
  let shop: OpenShop;
  beforeAll(async () => {
    shop = await openShop({ instances: 1 });
  });
  afterAll(async () => {
    await shop.close();
  });

  it.each(ownPaths)('sees their own at %s, nobody else, and nobody without a token', async (service, path) => {
    const own = await shop.ask(service, path, { as: 'user-1' });
    expect([own.status, own.body['userId']]).toEqual([200, 'user-1']);
    expect(own.headers.get('cache-control')).toContain('private');
    const foreign = await shop.ask(service, path, { as: 'user-2' });
    expect([foreign.status, slugOf(foreign)]).toEqual([403, 'forbidden']);
    const anonymous = await shop.ask(service, path);
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="shop"']);
    expect((await shop.ask(service, path, { token: await shop.serviceToken('mobile') })).status).toBe(403);
  });

  it('learns of another’s order no more than of one that does not exist', async () => {
    const own = await shop.ask('orders', '/orders?userId=user-1&limit=1', { as: 'user-1' });
    const id = String(own.body['items']?.[0]?.['id']);
    const foreign = await shop.ask('orders', `/orders/${id}`, { as: 'user-2' });
    const none = await shop.ask('orders', '/orders/order-999999', { as: 'user-2' });
    expect(foreign.status).toBe(404);
    expect(foreign.body).toEqual(none.body);
    const batch = await shop.ask('orders', `/orders/batch?ids=${id}`, { as: 'user-2' });
    expect(batch.body).toEqual({ userId: 'user-2', items: [] });
    const users = await shop.ask('users', '/users?ids=user-1,user-2', { as: 'user-2' });
    expect(users.body['items']?.map((user) => user['id'])).toEqual(['user-2']);
  });

  it('cannot write as somebody else', async () => {
    const as = 'user-2';
    const lines = [{ productId: 'product-1', quantity: 1, unitPrice: 1 }];
    const order = { as, key: 'x', body: { userId: 'user-1', currency: 'EUR', lines } };
    expect((await shop.ask('orders', '/orders', order)).status).toBe(403);
    expect((await shop.ask('users', '/users/user-1', { as, method: 'PATCH', body: { name: 'X' } })).status).toBe(403);
    expect(
      (await shop.ask('notifications', '/notifications/read', { as, body: { userId: 'user-1', ids: ['n'] } })).status,
    ).toBe(403);
    const event = { type: 'searched', at: '2026-11-22T00:00:00Z', userId: 'user-1' };
    expect((await shop.ask('analytics', '/events', { as, body: { events: [event] } })).status).toBe(403);
    const fromService = await shop.ask('analytics', '/events', {
      token: await shop.serviceToken('web'),
      body: { events: [event] },
    });
    expect([fromService.status, fromService.body]).toEqual([202, { accepted: 1 }]);
  });

  it('cannot hold stock, nor write with a token that may only read', async () => {
    const lines = [{ productId: 'product-1', quantity: 1, unitPrice: 1 }];
    const reservation = { as: 'user-1', body: { orderId: 'o', currency: 'EUR', lines } };
    expect((await shop.ask('catalog', '/reservations', reservation)).status).toBe(403);
    const token = await shop.token('user-1', { scope: 'shop:read' });
    expect((await shop.ask('users', '/users/user-1', { token })).status).toBe(200);
    const write = await shop.ask('users', '/users/user-1', { token, method: 'PATCH', body: { name: 'X' } });
    expect([write.status, slugOf(write)]).toEqual([403, 'insufficient-scope']);
  });
});

describe('a token', () => {
  let shop: OpenShop;
  beforeAll(async () => {
    shop = await openShop({ instances: 1 });
  });
  afterAll(async () => {
    await shop.close();
  });

  it('that does not hold is refused everywhere, on public routes too', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const good = await shop.token('user-1');
    const foreign = new SignJWT({ scope: 'shop:read' }).setProtectedHeader({ alg: 'ES256', kid: 'demo-1' });
    const claims = foreign.setIssuer(shop.issuer).setAudience(shop.audience).setSubject('user-1');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`;
    const tokens = [
      'x',
      `${good}x`,
      unsigned,
      'a'.repeat(9_000),
      await claims.setIssuedAt().setExpirationTime('1h').sign(privateKey),
      await shop.token('user-1', { expiresInSeconds: -60 }),
      await shop.token('user-1', { claims: { iss: 'https://elsewhere.example' } }),
      await shop.token('user-1', { claims: { aud: 'elsewhere' } }),
      await shop.token('user-1', { claims: { exp: undefined } }),
      await shop.token('user-1', { claims: { sub: undefined } }),
    ];
    for (const token of tokens) {
      const refused = await shop.ask('catalog', '/categories', { token });
      expect([refused.status, slugOf(refused)], token.slice(0, 40)).toEqual([401, 'unauthenticated']);
    }
    expect((await shop.ask('catalog', '/categories', { headers: { authorization: 'Basic eDp5' } })).status).toBe(401);
    expect((await shop.ask('catalog', '/categories', { token: good })).status).toBe(200);
  });

  it('is checked against a key set without the private half', async () => {
    const { body } = await shop.ask('control', '/.well-known/jwks.json');

    expect(JSON.stringify(body)).not.toContain(demoPrivateJwk().d);
    const { keys } = body as unknown as { keys: object[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toHaveProperty('d');
  });

  it('comes from the control server for the users that there are', async () => {
    const minted = await shop.ask('control', '/tokens', { body: { userId: 'user-200' } });
    expect((await shop.ask('users', '/users/user-200', { token: String(minted.body['token']) })).status).toBe(200);
    const none = await shop.ask('control', '/tokens', { body: { userId: 'user-201' } });
    expect([none.status, slugOf(none)]).toEqual([404, 'unknown-user']);
  });
});
