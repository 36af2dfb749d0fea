import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, type AskOptions, type OpenShop, openShop, slugOf } from './open-shop.ts';

describe('a profile', () => {
  let shop: OpenShop;
  const read = (id: string) => shop.ask('users', `/users/${id}`, { as: id });
  const change = (id: string, body: unknown, options: AskOptions = {}): Promise<Asked> =>
    shop.ask('users', `/users/${id}`, { as: id, method: 'PATCH', body, ...options });

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(async () => {
    await shop.close();
  });

  it('keeps what is not given', async () => {
    const { body: before } = await read('user-10');
    const changed = await change('user-10', { name: '  Ada Lovelace ', marketingOptIn: true });
    expect(changed.body).toEqual({
      ...(before as object),
      name: 'Ada Lovelace',
      marketingOptIn: true,
      updatedAt: changed.body['updatedAt'],
    });
    expect(String(changed.body['updatedAt']) > String(before['updatedAt'])).toBe(true);
    expect((await shop.ask('users', '/users/user-10', { as: 'user-10', instance: 1 })).body).toEqual(changed.body);
  });

  it('is changed only by one who has read it last, if they say so', async () => {
    const etag = (await read('user-11')).headers.get('etag') ?? '';
    const first = await change('user-11', { name: 'First' }, { headers: { 'if-match': etag } });
    const second = await change('user-11', { name: 'Second' }, { headers: { 'if-match': etag }, instance: 1 });
    expect([first.status, second.status, slugOf(second)]).toEqual([200, 412, 'precondition-failed']);
    const third = await change(
      'user-11',
      { name: 'Third' },
      { headers: { 'if-match': first.headers.get('etag') ?? '' } },
    );
    expect([third.status, third.body['name']]).toEqual([200, 'Third']);
    expect((await change('user-11', { name: 'Fourth' }, { headers: { 'if-match': '*' } })).status).toBe(200);
  });

  it.each([
    [{ name: '' }, 'name'],
    [{ name: '   ' }, 'name'],
    [{ name: 'n'.repeat(81) }, 'name'],
    [{ name: null }, 'name'],
    [{ locale: 'xx' }, 'locale'],
    [{ locale: 'de_DE' }, 'locale'],
    [{ locale: 'not a locale' }, 'locale'],
    [{ currency: 'CHF' }, 'currency'],
    [{ marketingOptIn: 'yes' }, 'marketingOptIn'],
  ])('refuses %j', async (body, field) => {
    const refused = await change('user-12', body);
    expect([refused.status, slugOf(refused)]).toEqual([422, 'validation']);
    expect(refused.body['errors']?.map((error) => error['field'])).toEqual([field]);
  });

  it('takes 80 characters of any script, and a locale in any case', async () => {
    const changed = await change('user-13', { name: '🙂'.repeat(80), locale: 'PT-br' });
    expect([changed.status, changed.body['locale']]).toEqual([200, 'pt-BR']);
  });

  it('changes once for the same key', async () => {
    const first = await change('user-14', { name: 'Once' }, { key: 'k' });
    const again = await change('user-14', { name: 'Once' }, { key: 'k', instance: 1 });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('ignores members that nobody knows, __proto__ included', async () => {
    const body: unknown = JSON.parse(
      '{"name":"Plain","__proto__":{"loyalty":1},"constructor":{"a":1},"userId":"user-1"}',
    );
    const changed = await change('user-15', body);
    expect([changed.status, changed.body['userId'], changed.body['name']]).toEqual([200, 'user-15', 'Plain']);
  });
});
