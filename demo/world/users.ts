import type { Currency } from './money.ts';
import { type Region, regions } from './people.ts';
import type { PhotographRecipe } from './photographs.ts';
import { createRandom, type Random } from './random.ts';
import { daysBefore } from './time.ts';

export interface AddressSeed {
  id: string;
  label: string;
  lines: string[];
  city: string;
  postalCode: string;
  country: string;
  isDefault: boolean;
}

export interface UserSeed {
  id: string;
  name: string;
  email: string;
  locale: string;
  currency: Currency;
  phone: string | null;
  avatarFile: string;
  avatarSize: number;
  addresses: AddressSeed[];
  loyaltyPoints: number;
  marketingOptIn: boolean;
  memberSince: Date;
  updatedAt: Date;
}

export const userCount = 200;

/** Whether the shop has a user of this id; every seed has the same ids. */
export function isUserId(id: string): boolean {
  const number = /^user-([1-9]\d{0,3})$/.exec(id)?.[1];
  return number !== undefined && Number(number) <= userCount;
}

function fillDigits(pattern: string, random: Random): string {
  return pattern.replaceAll('#', () => String(random.integer(0, 9)));
}

function createAddress(
  region: Region,
  random: Random,
  place: { id: string; label: string; isDefault: boolean },
): AddressSeed {
  const street = random.pick(region.streets);
  const number = random.integer(1, 140);
  const isNumberFirst = ['GB', 'US', 'FR'].includes(region.country);
  const lines = [isNumberFirst ? `${number} ${street}` : `${street} ${number}`];
  if (random.chance(0.2))
    lines.push(region.country === 'JP' ? `${random.integer(1, 12)}0${random.integer(1, 8)}号室` : 'c/o Reception');
  return {
    ...place,
    lines,
    city: random.pick(region.cities),
    postalCode: fillDigits(region.postalCode, random),
    country: region.country,
  };
}

/** user-1 ... user-200; the first eight live in one region each, in the order of `regions`, whatever the seed. */
export function createUsers(seed: number, now: Date, avatars: readonly PhotographRecipe[]): UserSeed[] {
  const random = createRandom(seed, 'users');
  return Array.from({ length: userCount }, (_, index): UserSeed => {
    const id = `user-${index + 1}`;
    const region = regions[index] ?? random.pick(regions);
    const [first, firstAscii] = random.pick(region.firstNames);
    const [last, lastAscii] = random.pick(region.lastNames);
    const avatar = random.pick(avatars);
    const labels = ['Home', 'Work', 'Parents'].slice(0, random.integer(1, 3));
    const memberDays = random.integer(560, 2_400);
    return {
      id,
      name: region.familyNameFirst ? `${last} ${first}` : `${first} ${last}`,
      email: `${firstAscii}.${lastAscii}${index + 1}@mail.example`,
      locale: region.locale,
      currency: region.currency,
      phone: random.chance(0.8) ? fillDigits(region.phone, random) : null,
      avatarFile: avatar.file,
      avatarSize: avatar.width,
      addresses: labels.map((label, position) =>
        createAddress(region, random, { id: `address-${index + 1}-${position + 1}`, label, isDefault: position === 0 }),
      ),
      loyaltyPoints: random.integer(0, 3_200),
      marketingOptIn: random.chance(0.45),
      memberSince: daysBefore(now, memberDays, random.integer(0, 86_399)),
      updatedAt: daysBefore(now, random.integer(0, 200), random.integer(0, 86_399)),
    };
  });
}
