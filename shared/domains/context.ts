import type { DropTargets, ReadThrough } from '../cache/cached-read.ts';
import { HitLog } from '../cache/hit-log.ts';
import type { Clock } from '../clock.ts';
import type { CallScope } from '../downstream/call-scope.ts';
import { isOutcomeUnknown, wasSent } from '../downstream/failure.ts';
import { AppError } from '../errors.ts';
import type { Asking } from '../graphql/batching.ts';
import type { AnswerReport } from '../graphql/call-report.ts';
import { createDegradedLog, type DegradedLog } from '../graphql/degraded-log.ts';
import { type AnswerParts, type Audience, createAudience, type EngineContext } from '../graphql/engine-context.ts';
import { type CurrencyCode, currencies } from '../money.ts';
import type { AuditLog } from '../observability/audit-log.ts';
import type { ClientProfile } from '../profile.ts';
import type { Viewer } from '../security/viewer.ts';
import type { ActivityBuffer } from './analytics/activity-buffer.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import { SectionBudget } from './section-budget.ts';
import type { Clients } from './services.ts';

/** What one process gives to all of its requests. */
export interface SharedParts {
  readonly profile: ClientProfile;
  readonly clients: Clients;
  readonly reads: ReadThrough<CallScope>;
  readonly activities: ActivityBuffer;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** What tells one request from another. */
export interface RequestParts {
  readonly requestId: string;
  readonly viewer: Viewer | null;
  readonly scope: CallScope & { readonly report: AnswerReport };
}

/** How a viewer wants amounts to be shown. */
export interface Preferences {
  readonly locale: string;
  readonly currency: CurrencyCode;
}

/** What every resolver is given; each client's own context extends it. */
export class RequestContext implements EngineContext {
  readonly requestId: string;
  readonly audience: Audience = createAudience();
  readonly degraded: DegradedLog = createDegradedLog();
  readonly parts: AnswerParts;
  readonly shared: SharedParts;
  readonly #viewer: Viewer | null;
  readonly #hits: HitLog;
  readonly #scope: RequestParts['scope'];
  #loaders: Loaders;
  readonly #sections: SectionBudget;
  readonly #asking: Asking<CallScope>;
  #preferences: Preferences | Promise<Preferences> | undefined;

  constructor(shared: SharedParts, request: RequestParts) {
    this.shared = shared;
    this.requestId = request.requestId;
    this.#viewer = request.viewer;
    const hits = new HitLog();
    this.#hits = hits;
    const sections = new SectionBudget(shared.clock, shared.profile.sectionBudgetMs, () => hits.leave());
    this.#sections = sections;
    this.#scope = request.scope;
    const scope = { ...request.scope, hits };
    this.#asking = {
      scope,
      sectionScope: { ...scope, sectionLeftMs: () => sections.leftMs() },
      isForSection: () => sections.isAsking,
    };
    this.parts = new ServedParts(hits, shared.reads);
    this.#loaders = createLoaders(shared.clients, shared.reads, this.#asking);
  }

  get loaders(): Loaders {
    return this.#loaders;
  }

  /**
   * Makes a write. What it may have changed is read anew, by the rest of this request (its answer's payload, the next mutation of the
   * same document) as by every later one; where its outcome is not known, for a minute. One that was never sent has changed nothing,
   * and what is kept is all there is while its service is away.
   */
  async write<T>(
    make: (scope: CallScope) => Promise<T>,
    changedBy: (outcome: T | undefined) => Omit<DropTargets, 'viewerId' | 'isUnsettled'>,
  ): Promise<T> {
    let outcome: T;
    try {
      outcome = await make(this.scope);
    } catch (error) {
      if (wasSent(error)) await this.#forget({ ...changedBy(undefined), isUnsettled: isOutcomeUnknown(error) });
      throw error;
    }
    await this.#forget(changedBy(outcome));
    return outcome;
  }

  async #forget(changed: Omit<DropTargets, 'viewerId'>): Promise<void> {
    const { clients, reads } = this.shared;
    await reads.drop({ ...changed, viewerId: this.#viewer?.id ?? null });
    this.#loaders = createLoaders(clients, reads, this.#asking);
    this.#preferences = undefined;
  }

  /** Who asks; null without a token. Whoever reads this makes the answer personal, so that no cache shares it. */
  get viewer(): Viewer | null {
    this.audience.markPersonal();
    return this.#viewer;
  }

  /** For a call past the cache. Whoever reads this has the answer made anew for each request: nothing tells when that call would say another thing. */
  get scope(): RequestParts['scope'] {
    this.refuseReuse();
    return this.#scope;
  }

  get report(): EngineContext['report'] {
    return this.#scope.report;
  }

  get trace(): EngineContext['trace'] {
    return this.#scope.trace;
  }

  /** @throws AppError `UNAUTHENTICATED` without a token. */
  requireViewer(): Viewer {
    const viewer = this.viewer;
    if (viewer) return viewer;
    throw new AppError('UNAUTHENTICATED', 'Sign in to ask for this.');
  }

  /**
   * Notes in the audit log that the viewer asked by its id for what is not theirs. A service tells nobody, us included,
   * whether it is another's or does not exist; who tries ids one after another is seen either way.
   */
  noteForeignAccess(what: string): void {
    // Who asks again is noted again.
    this.refuseReuse();
    const who = this.viewer?.id ?? null;
    const { requestId } = this;
    this.shared.audit.record({ event: 'foreign-access', who, what, outcome: 'NOT_FOUND', requestId });
  }

  /**
   * The viewer's own locale and currency, from the profile; the client's defaults for an anonymous request, and where the
   * profile cannot be had: a price in the default form is better than none.
   */
  preferences(): Preferences | Promise<Preferences> {
    this.#preferences ??= this.#readPreferences();
    return this.#preferences;
  }

  #readPreferences(): Preferences | Promise<Preferences> {
    const { defaultLocale, defaultCurrency } = this.shared.profile;
    const said = this.#viewer?.locale;
    const fallback = { locale: isLocale(said) ? said : defaultLocale, currency: defaultCurrency };
    if (this.viewer === null) return fallback;
    return this.section('users', () => this.loaders.users.viewer.load('me')).then(
      (profile) => {
        const viewer = profile?.viewer;
        this.#preferences =
          viewer && !(viewer instanceof AppError) ? readPreferences(viewer.value, fallback) : fallback;
        return this.#preferences;
      },
      () => {
        // What the answer shows instead may be put right in a moment, and no read of it says so.
        this.refuseReuse();
        this.#preferences = fallback;
        return fallback;
      },
    );
  }

  /**
   * Asks for an optional section and waits for it, but no longer than the profile's section budget, counted from the request's
   * start.
   *
   * @throws AppError `DOWNSTREAM_TIMEOUT` when the budget is over; the call itself goes on while others wait for it.
   */
  section<T>(service: string, ask: () => Promise<T>): Promise<T> {
    return this.#sections.within(service, ask);
  }

  /** As `section`, for the items of a list: one that failed, or is not there in time, is an `Error` in its place. */
  sectionItems<T>(service: string, ask: () => readonly Promise<T>[]): Promise<T[]> {
    return this.#sections.itemsWithin(service, ask);
  }

  /** To be called by what puts into the answer when something was fetched. */
  tellsWhenFetched(): void {
    this.#hits.date();
  }

  /** Something in this answer may be another thing in a moment, though no service was asked: it is not given out again. */
  protected refuseReuse(): void {
    this.#hits.spoil();
  }

  /** The answer is on its way: nothing of this request stays in a timer. */
  end(): void {
    this.#sections.end();
  }
}

/** Holds nothing of the request but its list of hits: it lives as long as the answer is kept. */
class ServedParts implements AnswerParts {
  readonly #hits: HitLog;
  readonly #reads: SharedParts['reads'];

  constructor(hits: HitLog, reads: SharedParts['reads']) {
    this.#hits = hits;
    this.#reads = reads;
  }

  get isWhole(): boolean {
    return this.#hits.isWhole;
  }

  get wasFetched(): boolean {
    return this.#hits.wasFetched;
  }

  get hasStandins(): boolean {
    return this.#hits.hasStandins;
  }

  get size(): number {
    return this.#hits.size;
  }

  isCurrent(): boolean {
    return this.#reads.stillServes(this.#hits);
  }
}

function readPreferences(
  profile: { readonly locale: unknown; readonly currency: CurrencyCode },
  fallback: Preferences,
): Preferences {
  const { locale, currency } = profile;
  return {
    locale: isLocale(locale) ? locale : fallback.locale,
    currency: currencies.includes(currency) ? currency : fallback.currency,
  };
}

// Asking Intl costs 2 us, every request asks, and a shop's viewers share a few dozen locales.
const maxLocales = 1000;
const knownLocales = new Map<string, boolean>();

function isLocale(locale: unknown): locale is string {
  if (typeof locale !== 'string') return false;
  const known = knownLocales.get(locale);
  if (known !== undefined) return known;
  const isSupported = isSupportedLocale(locale);
  if (knownLocales.size >= maxLocales) knownLocales.clear();
  knownLocales.set(locale, isSupported);
  return isSupported;
}

function isSupportedLocale(locale: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale).length > 0;
  } catch {
    return false;
  }
}
