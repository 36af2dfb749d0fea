import type { CachedRead } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { readDone } from '../../downstream/done-write.ts';
import type { Downstream } from '../../downstream/downstream.ts';
import type { Endpoint } from '../../downstream/endpoint.ts';
import { type CurrencyCode, currencies } from '../../money.ts';
import { readProblem } from '../../problem.ts';
import { WireReader, type WireRecord } from '../../wire-reader.ts';
import type { AddressModel, ProfileChanges, UpdateProfileFailureModel, ViewerModel } from './model.ts';

export const usersEndpoints = {
  user: { service: 'users', method: 'GET', route: '/users/{id}', identity: 'viewer', answers: [404] },
  changeUser: { service: 'users', method: 'PATCH', route: '/users/{id}', identity: 'viewer', answers: [422] },
} as const satisfies Record<string, Endpoint>;

const currencyWords = new Map<string, CurrencyCode>(currencies.map((code) => [code, code]));
const tiers = new Map<string, ViewerModel['loyalty']['tier']>([
  ['BRONZE', 'BRONZE'],
  ['SILVER', 'SILVER'],
  ['GOLD', 'GOLD'],
]);

/** The users service's reads and writes; all of them about the viewer. */
export interface UsersClient {
  readonly viewer: CachedRead<'me', { readonly viewer: ViewerModel }, CallScope>;
  changeProfile(changes: ProfileChanges, scope: CallScope): Promise<ViewerModel | UpdateProfileFailureModel>;
}

/** Declares every call that this layer makes to the users service. */
export function createUsersClient(downstream: Downstream): UsersClient {
  return {
    viewer: {
      name: 'users.viewer',
      service: 'users',
      audience: 'viewer',
      maxBatch: 1,
      parts: {
        viewer: { version: 1, windows: { freshForMs: 30_000, revalidateForMs: 30_000, keepForMs: 3_600_000 } },
      },
      keyOf: () => [],
      async fetch(_keys, scope) {
        if (scope.viewerId === null) return new Map();
        const answer = await downstream.call(usersEndpoints.user, { params: { id: scope.viewerId } }, scope);
        if (answer.status === 404) return new Map();
        return new Map([['me' as const, { viewer: readViewer(answer.body, scope.viewerId) }]]);
      },
    },
    async changeProfile(changes, scope) {
      const id = scope.viewerId ?? '';
      const answer = await downstream.call(usersEndpoints.changeUser, { params: { id }, body: changes }, scope);
      if (answer.status === 422) {
        const { field, message } = readProblem(answer.body);
        return { __typename: 'InvalidInput', message: message ?? 'The profile was not changed.', field };
      }
      return readDone('users', () => readViewer(answer.body, scope.viewerId));
    },
  };
}

function readViewer(body: unknown, viewerId: string | null): ViewerModel {
  const wire = new WireReader('users');
  const record = wire.ownedRecord(body, 'user', viewerId);
  return wire.finish({
    id: wire.key(record, 'id'),
    name: wire.text(record, 'name'),
    email: wire.text(record, 'email'),
    phone: wire.optionalText(record, 'phone'),
    locale: wire.text(record, 'locale'),
    currency: wire.word(record, 'currency', currencyWords),
    avatar: wire.optionalNested(record, 'avatar', (avatar) => ({
      url: wire.text(avatar, 'url'),
      width: wire.integer(avatar, 'width'),
      height: wire.integer(avatar, 'height'),
    })),
    addresses: wire.nestedList(record, 'addresses', (address) => readAddress(wire, address)),
    loyalty: wire.nested(record, 'loyalty', (loyalty) => ({
      tier: wire.word(loyalty, 'tier', tiers),
      points: wire.integer(loyalty, 'points'),
    })),
    marketingOptIn: wire.boolean(record, 'marketingOptIn'),
    memberSince: wire.time(record, 'memberSince'),
  });
}

function readAddress(wire: WireReader, record: WireRecord): AddressModel {
  return {
    id: wire.text(record, 'id'),
    label: wire.text(record, 'label'),
    lines: wire.texts(record, 'lines'),
    city: wire.text(record, 'city'),
    postalCode: wire.text(record, 'postalCode'),
    country: wire.text(record, 'country'),
    isDefault: wire.boolean(record, 'isDefault'),
  };
}
