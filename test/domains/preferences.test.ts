import { expect, it } from 'vitest';
import { createReadThrough } from '../../shared/cache/read-through.ts';
import { RequestContext, type SharedParts } from '../../shared/domains/context.ts';
import { createClients } from '../../shared/domains/services.ts';
import { type CallScope, createCallScope } from '../../shared/downstream/call-scope.ts';
import { createDeadline } from '../../shared/downstream/deadline.ts';
import { AppError } from '../../shared/errors.ts';
import { createCallReport } from '../../shared/graphql/call-report.ts';
import { createFakeClock } from '../support/fake-clock.ts';

it.each([
  ['de-DE', 'de-DE'],
  ['en_US', 'en-GB'],
  ['i-klingon', 'en-GB'],
  ['', 'en-GB'],
])('without a profile a token’s locale %j shows amounts as in %s', async (locale, shown) => {
  const clock = createFakeClock();
  const profile = { deadlineMs: 8000, sectionBudgetMs: 2500, defaultLocale: 'en-GB', defaultCurrency: 'EUR' };
  const reads = createReadThrough<CallScope>({ clock, detach: (scope, deadline) => ({ ...scope, deadline }) });
  const clients = createClients({ call: () => Promise.reject(new AppError('DOWNSTREAM_UNAVAILABLE', 'Away.')) });
  const shared = { profile, clients, reads, clock } as unknown as SharedParts;
  const viewer = { id: 'user-1', scopes: new Set<string>(), locale, authorization: 'Bearer t' };
  const deadline = createDeadline({ budgetMs: profile.deadlineMs, clock });
  const scope = {
    ...createCallScope({ deadline, viewerId: viewer.id, authorization: null, correlationId: 'c', clock }),
    report: createCallReport(),
  };
  const context = new RequestContext(shared, { requestId: 'r', viewer, scope });
  expect(await context.preferences()).toEqual({ locale: shown, currency: 'EUR' });
  context.end();
  deadline.close();
});
