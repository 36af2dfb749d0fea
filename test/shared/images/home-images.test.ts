import { describe, expect, it, onTestFinished } from 'vitest';
import { startMobileServer } from '../../../bffs/mobile/server.ts';
import { startShop } from '../../../demo/shop.ts';
import { loadConfig } from '../../../shared/config/config.ts';
import { askGraphql, demoNow } from '../../support/stack.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { ask } from './running-images.ts';

/** The shop, the phone's server and its image process, all as `npm start` runs them, on free ports. */
async function startShopWithPictures() {
  const shop = await startShop({ now: demoNow, instances: 1, ports: 'ephemeral' });
  onTestFinished(() => shop.close());
  const env: Record<string, string> = {
    NODE_ENV: 'test',
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'silent',
    SHED_UTILISATION_PERCENT: '100',
    SHED_EVENT_LOOP_DELAY_MS: '60000',
    JWKS_URL: shop.jwksUrl,
    JWT_ISSUER: shop.issuer,
    JWT_AUDIENCE: shop.audience,
    SERVICE_TOKEN: await shop.serviceToken('bff'),
    IMAGE_PORT: '0',
    IMAGE_KEYS: `test:${'t'.repeat(32)}`,
    IMAGE_PRIVATE_ORIGINS: shop.mediaUrl,
    IMAGE_CACHE_DIR: createTemporaryFolder(),
  };
  for (const [service, urls] of Object.entries(shop.services)) env[`${service.toUpperCase()}_URLS`] = urls.join(',');
  const mobile = await startMobileServer(loadConfig(env, { hasImages: true }));
  onTestFinished(() => mobile.close('now'));
  return async (): Promise<readonly HomePicture[]> => {
    const { body } = await askGraphql(`${mobile.url}/graphql`, homeQuery);
    expect(body.errors).toBeUndefined();
    return body.data.home.recommendations.map(({ image }: { image: HomePicture }) => image);
  };
}

interface HomePicture {
  readonly url: string;
  readonly srcSet: string;
  readonly width: number;
  readonly height: number;
  readonly alt: string;
  readonly placeholder: string | null;
}

const homeQuery = `{
  home { recommendations(first: 4) { image(size: THUMB) { url srcSet width height alt placeholder } } }
}`;

describe('the pictures of the home screen', () => {
  it('load as they are handed out, as AVIF where it is taken and as JPEG where it must be, and then have placeholders', async () => {
    const home = await startShopWithPictures();
    const pictures = await home();
    expect(pictures).toHaveLength(4);
    for (const { url, srcSet, alt } of pictures) {
      expect(alt).not.toBe('');
      expect(srcSet.split(', ')[0]).toBe(`${url} 1x`);
      const [avif, jpeg] = [
        await ask(url, { headers: { accept: 'image/avif,image/webp,*/*' } }),
        await ask(url, { headers: { accept: 'image/*' } }),
      ];
      expect([avif.status, avif.headers['content-type']]).toEqual([200, 'image/avif']);
      expect([jpeg.status, jpeg.headers['content-type']]).toEqual([200, 'image/jpeg']);
      expect(avif.body.length).toBeLessThan(30_000);
    }
    await expect.poll(async () => (await home()).every(({ placeholder }) => placeholder !== null)).toBe(true);
  }, 60_000);
});
