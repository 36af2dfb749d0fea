export const currencies = ['EUR', 'GBP', 'JPY', 'SEK', 'USD'] as const;
export type Currency = (typeof currencies)[number];

/** `amount` in the currency's minor unit; JPY has none, so whole yen. */
export interface Money {
  amount: number;
  currency: Currency;
}

/** What 100 euro cents are in the smallest unit of the other currency. */
const minorUnitsPerEuro: Record<Currency, number> = { EUR: 100, GBP: 86, JPY: 165, SEK: 1140, USD: 109 };

function charmDecimal(minorUnits: number): number {
  if (minorUnits < 2_000) return Math.max(1, Math.round(minorUnits / 100)) * 100 - 1;
  if (minorUnits < 10_000) return Math.round(minorUnits / 100) * 100 - 5;
  return Math.round(minorUnits / 1_000) * 1_000 - 100;
}

function charmKrona(ore: number): number {
  const kronor = ore / 100;
  return (kronor < 1_000 ? Math.round(kronor / 10) * 10 - 1 : Math.round(kronor / 100) * 100 - 1) * 100;
}

function charmYen(yen: number): number {
  return yen < 10_000 ? Math.round(yen / 100) * 100 - 20 : Math.round(yen / 1_000) * 1_000 - 200;
}

/** The price as a shop would write it on the label in that currency: 45.95, 279 kr, 3,980 yen. */
export function charmPrice(euroCents: number, currency: Currency): Money {
  const converted = Math.round((euroCents * minorUnitsPerEuro[currency]) / 100);
  if (currency === 'SEK') return { amount: Math.max(900, charmKrona(converted)), currency };
  if (currency === 'JPY') return { amount: Math.max(80, charmYen(converted)), currency };
  return { amount: charmDecimal(converted), currency };
}

const shippingFee: Record<Currency, { fee: number; freeFrom: number }> = {
  EUR: { fee: 490, freeFrom: 5_000 },
  GBP: { fee: 399, freeFrom: 4_000 },
  JPY: { fee: 660, freeFrom: 8_000 },
  SEK: { fee: 4_900, freeFrom: 50_000 },
  USD: { fee: 599, freeFrom: 5_500 },
};

/** Shipping is free from a subtotal on. */
export function shippingFor(subtotal: number, currency: Currency): Money {
  const { fee, freeFrom } = shippingFee[currency];
  return { amount: subtotal >= freeFrom ? 0 : fee, currency };
}
