import type { DatabaseSync } from 'node:sqlite';
import { Problem, problemBody } from './problem.ts';
import type { IdempotencyStore, ServiceAnswer } from './service.ts';

/** IETF draft-ietf-httpapi-idempotency-key-header; 24 h as Stripe keeps them. */
const keepMs = 24 * 3_600_000;
const maxStored = 50_000;
export const maxKeyLength = 255;

interface Running {
  fingerprint: string;
  answer: Promise<ServiceAnswer>;
}

interface StoredRow {
  fingerprint: string;
  status: number;
  body: string;
}

function keyReused(): Problem {
  return new Problem(422, 'idempotency-key-reused', {
    detail: 'This Idempotency-Key was used for another request within the last 24 hours; take a new one.',
  });
}

function replay(answer: ServiceAnswer): ServiceAnswer {
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}

/** An expected refusal is an outcome as well: it is stored and told again. */
async function settle(work: () => Promise<ServiceAnswer>): Promise<ServiceAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return { status: error.status, body: problemBody(error), headers: error.headers };
  }
}

/** Keeps the outcome of writes by caller and key, in the service's own database, so that all instances share it. */
export function createIdempotencyStore(database: DatabaseSync, options: { now: () => Date }): IdempotencyStore {
  database.exec(`CREATE TABLE idempotency (
    subject TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    stored_at INTEGER NOT NULL, PRIMARY KEY (subject, key)
  )`);
  database.exec('CREATE INDEX idempotency_age ON idempotency (stored_at)');
  const select = database.prepare(
    'SELECT fingerprint, status, body FROM idempotency WHERE subject = ? AND key = ? AND stored_at > ?',
  );
  const insert = database.prepare('INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?)');
  const expire = database.prepare('DELETE FROM idempotency WHERE stored_at <= ?');
  const trim = database.prepare(
    'DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency ORDER BY stored_at DESC LIMIT -1 OFFSET ?)',
  );
  const running = new Map<string, Running>();
  let stored = 0;

  function store(attempt: { subject: string; key: string; fingerprint: string }, answer: ServiceAnswer): void {
    const at = options.now().getTime();
    expire.run(at - keepMs);
    stored += 1;
    if (stored % 1_000 === 0) trim.run(maxStored);
    const body = answer.body === undefined ? '' : JSON.stringify(answer.body);
    insert.run(attempt.subject, attempt.key, attempt.fingerprint, answer.status, body, at);
  }

  return {
    async run(attempt, work) {
      const id = JSON.stringify([attempt.subject, attempt.key]);
      const first = running.get(id);
      if (first) {
        if (first.fingerprint !== attempt.fingerprint) throw keyReused();
        return replay(await first.answer);
      }
      const cutOff = options.now().getTime() - keepMs;
      const kept = select.get(attempt.subject, attempt.key, cutOff) as StoredRow | undefined;
      if (kept) {
        if (kept.fingerprint !== attempt.fingerprint) throw keyReused();
        return replay({ status: kept.status, ...(kept.body === '' ? {} : { body: JSON.parse(kept.body) as unknown }) });
      }
      const answer = settle(work).then((settled) => {
        store(attempt, settled);
        return settled;
      });
      running.set(id, { fingerprint: attempt.fingerprint, answer });
      try {
        return await answer;
      } finally {
        running.delete(id);
      }
    },
  };
}
