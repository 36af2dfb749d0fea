import { serviceNames, serviceVariable } from './services.ts';

/** Where the demo shop of this repository listens: two instances a service, from port 4110 on. */
function demoUrls(index: number): string {
  const first = 4110 + 10 * index;
  return `http://127.0.0.1:${first},http://127.0.0.1:${first + 1}`;
}

/** Outside production a server without settings looks for the demo shop. In production every one of these must be said. */
export const developmentDefaults: Readonly<Record<string, string>> = {
  JWKS_URL: 'http://127.0.0.1:4100/.well-known/jwks.json',
  JWT_ISSUER: 'https://identity.shop.example',
  JWT_AUDIENCE: 'shop',
  IMAGE_KEYS: 'dev:only-for-development-0123456789abcdef',
  IMAGE_PRIVATE_ORIGINS: 'http://127.0.0.1:4180',
  ...Object.fromEntries(serviceNames.map((name, index) => [serviceVariable(name), demoUrls(index)])),
};
