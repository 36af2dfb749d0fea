import { DatabaseSync } from 'node:sqlite';
import type { AddressSeed, UserSeed } from '../../world/users.ts';
import { toInstant } from '../wire.ts';

export interface User {
  userId: string;
  id: string;
  email: string;
  name: string;
  avatar: { url: string; width: number; height: number };
  locale: string;
  currency: string;
  phone: string | null;
  addresses: AddressSeed[];
  loyalty: { tier: 'BRONZE' | 'SILVER' | 'GOLD'; points: number };
  marketingOptIn: boolean;
  memberSince: string;
  updatedAt: string;
}

export interface UserChange {
  name?: string;
  locale?: string;
  currency?: string;
  marketingOptIn?: boolean;
}

export interface UserStore {
  database: DatabaseSync;
  find(id: string): User | undefined;
  change(id: string, change: UserChange): User | undefined;
}

interface UserRow {
  id: string;
  email: string;
  name: string;
  avatar_file: string;
  avatar_size: number;
  locale: string;
  currency: string;
  phone: string | null;
  addresses: string;
  points: number;
  marketing: number;
  member_since: number;
  updated_at: number;
}

const silverFrom = 500;
const goldFrom = 2_000;

function tierOf(points: number): User['loyalty']['tier'] {
  if (points >= goldFrom) return 'GOLD';
  return points >= silverFrom ? 'SILVER' : 'BRONZE';
}

function seed(database: DatabaseSync, users: readonly UserSeed[]): void {
  database.exec(`CREATE TABLE users (
    id TEXT PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, avatar_file TEXT NOT NULL, avatar_size INTEGER NOT NULL,
    locale TEXT NOT NULL, currency TEXT NOT NULL, phone TEXT, addresses TEXT NOT NULL, points INTEGER NOT NULL,
    marketing INTEGER NOT NULL, member_since INTEGER NOT NULL, updated_at INTEGER NOT NULL
  )`);
  const insert = database.prepare('INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  database.exec('BEGIN');
  for (const user of users) {
    const { id, email, name, avatarFile, avatarSize, locale, currency, phone } = user;
    const addresses = JSON.stringify(user.addresses);
    const times = [user.memberSince.getTime(), user.updatedAt.getTime()];
    const marketing = Number(user.marketingOptIn);
    insert.run(
      id,
      email,
      name,
      avatarFile,
      avatarSize,
      locale,
      currency,
      phone,
      addresses,
      user.loyaltyPoints,
      marketing,
      ...times,
    );
  }
  database.exec('COMMIT');
}

/** The users, in a database of their own. */
export function createUserStore(users: readonly UserSeed[], options: { mediaUrl: string; now: () => Date }): UserStore {
  const database = new DatabaseSync(':memory:');
  seed(database, users);
  const select = database.prepare('SELECT * FROM users WHERE id = ?');
  const update = database.prepare(
    'UPDATE users SET name = ?, locale = ?, currency = ?, marketing = ?, updated_at = ? WHERE id = ?',
  );

  function find(id: string): User | undefined {
    const row = select.get(id) as UserRow | undefined;
    if (!row) return undefined;
    return {
      userId: row.id,
      id: row.id,
      email: row.email,
      name: row.name,
      avatar: {
        url: `${options.mediaUrl}/avatars/${row.avatar_file}`,
        width: row.avatar_size,
        height: row.avatar_size,
      },
      locale: row.locale,
      currency: row.currency,
      phone: row.phone,
      addresses: JSON.parse(row.addresses) as AddressSeed[],
      loyalty: { tier: tierOf(row.points), points: row.points },
      marketingOptIn: row.marketing === 1,
      memberSince: toInstant(row.member_since),
      updatedAt: toInstant(row.updated_at),
    };
  }

  return {
    database,
    find,
    change(id, change) {
      const user = find(id);
      if (!user) return undefined;
      const { name, locale, currency, marketingOptIn } = { ...user, ...change };
      update.run(name, locale, currency, Number(marketingOptIn), options.now().getTime(), id);
      return find(id);
    },
  };
}
