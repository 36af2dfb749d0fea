import type { UserSeed } from '../../world/users.ts';
import { requireSelf, viewerIdOf } from '../caller.ts';
import { entityTag, matchesTag } from '../entity-tag.ts';
import { createIdempotencyStore } from '../idempotency.ts';
import { type FieldError, notFound, Problem, validationProblem } from '../problem.ts';
import { nullable, objectOf, ref, type Schemas } from '../schema.ts';
import type { Route, Service } from '../service.ts';
import { currencySchema, idParameter, idSchema, idsParameter, instantSchema } from '../wire.ts';
import { createUserStore, type User, type UserChange, type UserStore } from './store.ts';

const schemas: Schemas = {
  Address: objectOf({
    id: idSchema,
    label: { type: 'string' },
    lines: { type: 'array', items: { type: 'string' } },
    city: { type: 'string' },
    postalCode: { type: 'string' },
    country: { type: 'string', pattern: '^[A-Z]{2}$' },
    isDefault: { type: 'boolean' },
  }),
  User: objectOf({
    userId: idSchema,
    id: idSchema,
    email: { type: 'string', format: 'email' },
    name: { type: 'string' },
    avatar: objectOf({
      url: { type: 'string', format: 'uri' },
      width: { type: 'integer' },
      height: { type: 'integer' },
    }),
    locale: { type: 'string', description: 'BCP 47.' },
    currency: currencySchema,
    phone: nullable({ type: 'string' }),
    addresses: { type: 'array', items: ref('Address') },
    loyalty: objectOf({
      tier: { type: 'string', enum: ['BRONZE', 'SILVER', 'GOLD'] },
      points: { type: 'integer', minimum: 0 },
    }),
    marketingOptIn: { type: 'boolean' },
    memberSince: instantSchema,
    updatedAt: instantSchema,
  }),
  UserChange: objectOf(
    {
      name: { type: 'string', minLength: 1, maxLength: 80 },
      locale: { type: 'string', minLength: 2, maxLength: 35 },
      currency: currencySchema,
      marketingOptIn: { type: 'boolean' },
    },
    { optional: ['name', 'locale', 'currency', 'marketingOptIn'] },
  ),
};

function isSupportedLocale(locale: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0;
  } catch {
    return false;
  }
}

function checkedChange(body: UserChange): UserChange {
  const errors: FieldError[] = [];
  const { name, locale } = body;
  if (name !== undefined && name.trim() === '') errors.push({ field: 'name', message: 'must not be blank' });
  if (locale !== undefined && !isSupportedLocale(locale)) {
    errors.push({ field: 'locale', message: 'must be a BCP 47 language tag that is known here, as de-DE' });
  }
  if (errors.length > 0) throw validationProblem(errors);
  return {
    ...body,
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(locale === undefined ? {} : { locale: Intl.getCanonicalLocales(locale)[0] ?? locale }),
  };
}

function requireMatch(header: string | undefined, user: User): void {
  if (header === undefined || matchesTag(header, entityTag(JSON.stringify(user)))) return;
  throw new Problem(412, 'precondition-failed', {
    detail: 'The profile was changed since it was read; read it again and repeat.',
  });
}

function createRoutes(store: UserStore): Route[] {
  return [
    {
      operation: {
        method: 'GET',
        path: '/users/{id}',
        operationId: 'getUser',
        summary: 'A profile; only one’s own.',
        access: 'viewer',
        parameters: [idParameter()],
        isConditional: true,
        answers: { 200: { description: 'The profile.', schema: ref('User') }, 404: { description: 'No such user.' } },
      },
      handle(request) {
        const id = request.path['id'] ?? '';
        requireSelf(request, id);
        const user = store.find(id);
        if (!user) throw notFound('user');
        return { status: 200, body: user };
      },
    },
    {
      operation: {
        method: 'GET',
        path: '/users',
        operationId: 'getUsers',
        summary: 'The profiles of these ids; others than one’s own are left out.',
        access: 'viewer',
        parameters: [idsParameter],
        isConditional: true,
        answers: {
          200: { description: 'Those found.', schema: objectOf({ items: { type: 'array', items: ref('User') } }) },
          413: { description: 'More than 100 ids.' },
        },
      },
      handle(request) {
        const viewerId = viewerIdOf(request);
        const own = request.query.list('ids').includes(viewerId) ? store.find(viewerId) : undefined;
        return { status: 200, body: { items: own ? [own] : [] } };
      },
    },
    {
      operation: {
        method: 'PATCH',
        path: '/users/{id}',
        operationId: 'changeUser',
        summary: 'Changes what is given and leaves the rest.',
        access: 'viewer',
        parameters: [
          idParameter(),
          {
            name: 'If-Match',
            in: 'header',
            description: 'Only if the profile still has this ETag.',
            schema: { type: 'string' },
          },
        ],
        body: ref('UserChange'),
        idempotency: 'optional',
        answers: {
          200: {
            description: 'The profile as it is now.',
            schema: ref('User'),
            headers: { ETag: 'For If-Match.' },
          },
          404: { description: 'No such user.' },
          412: { description: 'It was changed by someone else (precondition-failed).' },
        },
      },
      handle(request) {
        const id = request.path['id'] ?? '';
        requireSelf(request, id);
        const user = store.find(id);
        if (!user) throw notFound('user');
        requireMatch(request.header('if-match'), user);
        // The dispatcher has checked the body against UserChange.
        const changed = store.change(id, checkedChange(request.body as UserChange));
        return { status: 200, body: changed, headers: { etag: entityTag(JSON.stringify(changed)) } };
      },
    },
  ];
}

/** Profiles: who the viewers are. */
export function createUsersService(
  users: readonly UserSeed[],
  options: { mediaUrl: string; now: () => Date },
): Service {
  const store = createUserStore(users, options);
  return {
    name: 'users',
    title: 'Users',
    schemas,
    routes: createRoutes(store),
    idempotency: createIdempotencyStore(store.database, options),
    close: () => store.database.close(),
  };
}
