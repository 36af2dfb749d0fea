import { DatabaseSync } from 'node:sqlite';
import type { NotificationSeed } from '../../world/notifications.ts';
import { decodeCursor, encodeCursor } from '../paging.ts';
import { toInstant } from '../wire.ts';

export interface Notification {
  id: string;
  userId: string;
  kind: string;
  title: string;
  body: string;
  createdAt: string;
  readAt: string | null;
}

export interface NotificationPage {
  items: Notification[];
  total: number;
  nextCursor: string | null;
}

export interface NotificationStore {
  database: DatabaseSync;
  list(userId: string, options: { onlyUnread: boolean; limit: number; cursor: string | undefined }): NotificationPage;
  /** Doing it twice changes nothing. */
  markRead(userId: string, ids: readonly string[]): { readIds: string[]; unknownIds: string[] };
  countUnread(userId: string): number;
}

interface NotificationRow {
  seq: number;
  id: string;
  user_id: string;
  kind: string;
  title: string;
  body: string;
  created_at: number;
  read_at: number | null;
}

function seed(database: DatabaseSync, notifications: readonly NotificationSeed[]): void {
  database.exec(`CREATE TABLE notifications (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    body TEXT NOT NULL, created_at INTEGER NOT NULL, read_at INTEGER
  )`);
  database.exec('CREATE INDEX by_user ON notifications (user_id, created_at, seq)');
  const insert = database.prepare(
    'INSERT INTO notifications (id, user_id, kind, title, body, created_at, read_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  database.exec('BEGIN');
  for (const { id, userId, kind, title, body, createdAt, readAt } of notifications) {
    insert.run(id, userId, kind, title, body, createdAt.getTime(), readAt?.getTime() ?? null);
  }
  database.exec('COMMIT');
}

function fromRow(row: NotificationRow): Notification {
  const { id, kind, title, body } = row;
  const readAt = row.read_at === null ? null : toInstant(row.read_at);
  return { id, userId: row.user_id, kind, title, body, createdAt: toInstant(row.created_at), readAt };
}

/** The notifications, in a database of their own. */
export function createNotificationStore(
  notifications: readonly NotificationSeed[],
  options: { now: () => Date },
): NotificationStore {
  const database = new DatabaseSync(':memory:');
  seed(database, notifications);
  const unreadOnly = '(? = 0 OR read_at IS NULL)';
  const selectPage = database.prepare(
    `SELECT * FROM notifications WHERE user_id = ? AND ${unreadOnly} AND (created_at, seq) < (?, ?)
     ORDER BY created_at DESC, seq DESC LIMIT ?`,
  );
  const count = database.prepare(`SELECT count(*) AS count FROM notifications WHERE user_id = ? AND ${unreadOnly}`);
  const own = database.prepare('SELECT id FROM notifications WHERE user_id = ? AND id = ?');
  const mark = database.prepare('UPDATE notifications SET read_at = ? WHERE id = ? AND read_at IS NULL');

  function countOf(userId: string, onlyUnread: boolean): number {
    return (count.get(userId, Number(onlyUnread)) as { count: number } | undefined)?.count ?? 0;
  }

  return {
    database,
    countUnread: (userId) => countOf(userId, true),
    list(userId, { onlyUnread, limit, cursor }) {
      const before = cursor === undefined ? undefined : decodeCursor(cursor, 'notifications', ['number', 'number']);
      const [createdAt, seq] = before ?? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
      const rows = selectPage.all(
        userId,
        Number(onlyUnread),
        createdAt ?? 0,
        seq ?? 0,
        limit + 1,
      ) as unknown as NotificationRow[];
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const nextCursor =
        rows.length > limit && last ? encodeCursor('notifications', [last.created_at, last.seq]) : null;
      return { items: page.map(fromRow), total: countOf(userId, onlyUnread), nextCursor };
    },
    markRead(userId, ids) {
      const distinct = [...new Set(ids)];
      const readIds = distinct.filter((id) => own.get(userId, id) !== undefined);
      for (const id of readIds) mark.run(options.now().getTime(), id);
      return { readIds, unknownIds: distinct.filter((id) => !readIds.includes(id)) };
    },
  };
}
