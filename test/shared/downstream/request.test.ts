import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint, EndpointCall } from '../../../shared/downstream/endpoint.ts';
import { requestHeaders, setTimeLeft } from '../../../shared/downstream/request-headers.ts';
import { requestTargetOf } from '../../../shared/downstream/request-target.ts';
import { AppError } from '../../../shared/errors.ts';
import { createScope } from './support/calls.ts';

const order: Endpoint = { service: 'orders', method: 'GET', route: '/orders/{id}', identity: 'viewer' };
const search: Endpoint = {
  service: 'catalog',
  method: 'GET',
  route: '/search',
  identity: 'service',
  query: ['q', 'category', 'inStock', 'limit'],
};

function pathOf(endpoint: Endpoint, call: EndpointCall): string {
  return requestTargetOf(endpoint).pathOf(call);
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof AppError ? error.code : (error as Error).name;
  }
}

describe('the path', () => {
  test('holds each parameter as one segment', () => {
    expect(pathOf(order, { params: { id: 'a/b?c#d%2F é' } })).toBe('/orders/a%2Fb%3Fc%23d%252F%20%C3%A9');
    const two: Endpoint = { ...order, route: '/orders/{id}/lines/{line}/state' };
    expect(pathOf(two, { params: { id: 'o-1', line: '2' } })).toBe('/orders/o-1/lines/2/state');
  });

  test.each(['', '.', '..', '\ud800'])('refuses %j, which would be another path', (id) => {
    expect(codeOf(() => pathOf(order, { params: { id } }))).toBe('BAD_USER_INPUT');
  });

  test('whatever the id, it comes back whole and the path keeps its shape', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
        fc.pre(id !== '.' && id !== '..');
        const url = new URL(pathOf(order, { params: { id } }), 'http://orders');
        expect(url.pathname.split('/')).toHaveLength(3);
        expect([decodeURIComponent(url.pathname.split('/')[2] ?? ''), url.search, url.hash]).toEqual([id, '', '']);
      }),
      { numRuns: 1000 },
    );
  });

  test('without a parameter that the route names is a mistake of ours', () => {
    expect(codeOf(() => pathOf(order, {}))).toBe('TypeError');
  });
});

describe('the query', () => {
  test('holds what is declared and given, lists with commas', () => {
    const query = { q: 'red & blue', category: ['shoes', 'a b'], inStock: true, limit: 20 };
    expect(pathOf(search, { query })).toBe('/search?q=red%20%26%20blue&category=shoes,a%20b&inStock=true&limit=20');
    expect(pathOf(search, { query: { q: undefined, limit: 5 } })).toBe('/search?limit=5');
  });

  test('refuses a list entry with a comma, which would ask for two', () => {
    expect(codeOf(() => pathOf(search, { query: { category: ['a', 'b,c'] } }))).toBe('BAD_USER_INPUT');
  });

  test('refuses a parameter that the endpoint does not declare', () => {
    expect(codeOf(() => pathOf(search, { query: { admin: 'true' } }))).toBe('TypeError');
    expect(codeOf(() => pathOf(order, { params: { id: 'x' }, query: { q: '1' } }))).toBe('TypeError');
  });

  test('whatever the values, they come back whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'grapheme' })), (q, categories) => {
        const category = categories.map((name) => name.replaceAll(',', ''));
        const url = new URL(pathOf(search, { query: { q, category } }), 'http://catalog');
        expect(url.searchParams.get('q')).toBe(q);
        expect(url.searchParams.get('category')).toBe(category.join(','));
        expect([...url.searchParams.keys()]).toEqual(['q', 'category']);
      }),
    );
  });
});

describe('the headers', () => {
  function headersOf(endpoint: Endpoint, call: EndpointCall, serviceToken?: string | (() => string)) {
    const list = requestHeaders(endpoint, call, { scope: createScope(), serviceToken });
    setTimeLeft(list, 1234.9);
    const headers: Record<string, string> = {};
    for (let i = 0; i < list.length; i += 2) headers[list[i] as string] = list[i + 1] as string;
    return headers;
  }

  test('are these and no others', () => {
    expect(headersOf(search, {})).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'x-correlation-id': 'correlation-1',
      'x-request-timeout-ms': '1234',
    });
    expect(headersOf({ ...order, method: 'POST' }, { params: { id: 'x' }, body: {}, idempotencyKey: 'key-1' })).toEqual(
      {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'x-correlation-id': 'correlation-1',
        'x-request-timeout-ms': '1234',
        authorization: 'Bearer viewer-token',
        'content-type': 'application/json',
        'idempotency-key': 'key-1',
      },
    );
  });

  test('carry the token that the endpoint asks for: the viewer never speaks for the server, nor the server for the viewer', () => {
    expect(headersOf(order, {}, 'service-token').authorization).toBe('Bearer viewer-token');
    expect(headersOf(search, {}, 'service-token').authorization).toBe('Bearer service-token');
    expect(headersOf(search, {}, () => 'rotated').authorization).toBe('Bearer rotated');
    expect(headersOf(search, {})).not.toHaveProperty('authorization');
    const anonymous = { ...createScope(), authorization: null };
    expect(requestHeaders(order, {}, { scope: anonymous, serviceToken: 'service-token' })).not.toContain(
      'authorization',
    );
  });

  test('carry the trace', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const list = requestHeaders(search, {}, { scope: createScope({ traceparent }), serviceToken: undefined });
    expect(list[list.indexOf('traceparent') + 1]).toBe(traceparent);
  });

  test.each(['', 'a b', 'a\r\nx: y', 'é', 'x'.repeat(256)])('refuse the idempotency key %j', (idempotencyKey) => {
    expect(codeOf(() => headersOf(order, { idempotencyKey }))).toBe('BAD_USER_INPUT');
  });
});
