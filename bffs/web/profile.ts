import type { ClientProfile } from '../../shared/profile.ts';

/** The web dashboard: rich answers on a large screen. */
export const webProfile: ClientProfile = {
  name: 'web',
  deadlineMs: 8000,
  sectionBudgetMs: 2500,
  costLimit: 5000,
  defaultLocale: 'en-GB',
  defaultCurrency: 'EUR',
  images: {
    widths: [160, 320, 640, 960, 1280, 1920],
    sizes: { THUMB: 80, CARD: 320, FULL: 1280 },
  },
};
