import { describe, expect, it, onTestFinished } from 'vitest';
import { type ImageServiceOptions, startImageService } from '../../../shared/images/image-service.ts';
import type { ThumbhashStore } from '../../../shared/images/thumbhash-store.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { paintJpeg } from './pictures.ts';
import { ask, keys, serveOriginals } from './running-images.ts';

const profile = { widths: [64, 128], sizes: { THUMB: 64, CARD: 64, FULL: 128 } };

async function start(options: Partial<ImageServiceOptions> = {}) {
  const media = await serveOriginals({ '/a.jpg': await paintJpeg(600, 400) });
  const mediaUrl = `http://127.0.0.1:${media.port}`;
  const service = await startImageService({
    settings: {
      host: '127.0.0.1',
      port: 0,
      basePath: '/images',
      keys,
      origins: [],
      privateOrigins: [mediaUrl],
      cacheDirectory: createTemporaryFolder(),
    },
    profile,
    ...options,
  });
  onTestFinished(() => service.close(100));
  const shape = () =>
    service.urls.shape({ url: `${mediaUrl}/a.jpg`, version: 'v1', width: 600, height: 400 }, { size: 'THUMB' });
  return { service, shape };
}

describe('the images of a server', () => {
  it('have URLs that work as they are, in every density, and the size that was said', async () => {
    const { service, shape } = await start();
    const shaped = shape();
    expect(shaped.url).toMatch(new RegExp(`^http://localhost:${service.port}/images/`));
    for (const entry of shaped.srcSet.split(', ')) {
      expect((await ask(entry.split(' ')[0] ?? '')).status).toBe(200);
    }
  });

  it('have a placeholder once one of them was made', async () => {
    const { service, shape } = await start();
    const { url, placeholderKey } = shape();
    expect(await service.thumbhashes.getMany([placeholderKey])).toEqual([null]);
    await ask(url);
    await expect
      .poll(() => service.thumbhashes.getMany([placeholderKey]))
      .toEqual([expect.stringMatching(/^[\w+/]{20,}=*$/)]);
  });

  it('leave their placeholders in the store that is given', async () => {
    const kept = new Map<string, string>();
    const thumbhashes: ThumbhashStore = {
      getMany: async (wanted) => wanted.map((key) => kept.get(key) ?? null),
      set: async (key, thumbhash) => void kept.set(key, thumbhash),
    };
    const { shape } = await start({ thumbhashes });
    await ask(shape().url);
    await expect.poll(() => [...kept.keys()]).toEqual([shape().placeholderKey]);
  });

  it('stand under the base URL that is set', async () => {
    const { shape } = await start({ baseUrl: 'https://img.shop.example' });
    expect(shape().url).toMatch(/^https:\/\/img\.shop\.example\/images\//);
  });

  it('are only signed where they are made elsewhere, which needs a base URL', async () => {
    const { service } = await start({ isElsewhere: true, baseUrl: 'https://img.shop.example' });
    expect(service.port).toBeNull();
    await expect(start({ isElsewhere: true })).rejects.toThrow(/base URL: must be given/);
  });

  it('do not start with a base URL that is none', async () => {
    await expect(start({ baseUrl: 'img.shop.example' })).rejects.toThrow(/absolute http or https URL/);
  });
});
