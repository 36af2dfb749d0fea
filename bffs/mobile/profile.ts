import type { ClientProfile } from '../../shared/profile.ts';

/** The phone app: little bandwidth, small screens, impatient thumbs. */
export const mobileProfile: ClientProfile = {
  name: 'mobile',
  deadlineMs: 3000,
  sectionBudgetMs: 800,
  costLimit: 5000,
  defaultLocale: 'en-GB',
  defaultCurrency: 'EUR',
  images: {
    widths: [96, 160, 240, 320, 480, 640, 828, 1080, 1280, 1600],
    sizes: { THUMB: 80, CARD: 160, FULL: 390 },
  },
};
