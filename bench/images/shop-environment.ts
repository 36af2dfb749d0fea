import type { Shop } from '../../demo/shop.ts';

/** The settings of a phone's server in front of a shop that was started on free ports. */
export async function shopEnvironment(
  shop: Shop,
  own: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const addresses = Object.entries(shop.services).map(([name, urls]) => [`${name.toUpperCase()}_URLS`, urls.join(',')]);
  return {
    NODE_ENV: 'test',
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'silent',
    JWKS_URL: shop.jwksUrl,
    JWT_ISSUER: shop.issuer,
    JWT_AUDIENCE: shop.audience,
    SERVICE_TOKEN: await shop.serviceToken('bff'),
    IMAGE_PORT: '0',
    IMAGE_KEYS: 'bench:only-for-measuring-0123456789abcdef',
    ...Object.fromEntries(addresses),
    ...own,
  };
}
