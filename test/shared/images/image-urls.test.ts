import { describe, expect, it } from 'vitest';
import { originalKey } from '../../../shared/images/image-source.ts';
import { createImageUrls, type PictureRequest } from '../../../shared/images/image-urls.ts';
import { createImageSigner } from '../../../shared/images/signed-url.ts';

const signer = createImageSigner({
  keys: [{ id: 'a', secret: 's'.repeat(32) }],
  baseUrl: 'https://img.shop.example',
  basePath: '/images',
});
const profile = { widths: [80, 160, 320, 640, 1280], sizes: { THUMB: 80, CARD: 150, FULL: 390 } };
const urls = createImageUrls({ signer, profile });
const picture = { url: 'https://media.shop.example/desk.jpg', version: 'v1', width: 3000, height: 2000 };

function optionsOf(srcSet: string): string[] {
  return srcSet.split(', ').map((entry) => /\/(k_[^/]+)\//.exec(entry)?.[1] ?? '');
}

describe('a shaped picture', () => {
  it('has one URL a density, each at a width of the profile', () => {
    const shaped = urls.shape(picture, { size: 'CARD' });
    expect(optionsOf(shaped.srcSet)).toEqual([
      'k_a.v_v1.w_160.c_inside.f_auto',
      'k_a.v_v1.w_320.c_inside.f_auto',
      'k_a.v_v1.w_640.c_inside.f_auto',
    ]);
    expect(shaped.srcSet.split(', ').map((entry) => entry.split(' ')[1])).toEqual(['1x', '2x', '3x']);
    expect(shaped.srcSet.startsWith(`${shaped.url} 1x`)).toBe(true);
    expect([shaped.width, shaped.height]).toEqual([160, 107]);
  });

  it('prefers the width that is asked for to the named size, and stops at the widest', () => {
    expect(optionsOf(urls.shape(picture, { size: 'THUMB', width: 600 }).srcSet)).toEqual([
      'k_a.v_v1.w_640.c_inside.f_auto',
      'k_a.v_v1.w_1280.c_inside.f_auto',
      'k_a.v_v1.w_1280.c_inside.f_auto',
    ]);
  });

  it('asks for no width above the one that holds every pixel of a small original', () => {
    const small = urls.shape({ ...picture, width: 300, height: 200 }, { size: 'FULL' });
    expect(new Set(optionsOf(small.srcSet))).toEqual(new Set(['k_a.v_v1.w_320.c_inside.f_auto']));
    expect([small.width, small.height]).toEqual([300, 200]);
  });

  it('is square where it fills a box, unless another ratio is asked for', () => {
    const square = urls.shape(picture, { size: 'CARD', fit: 'cover' });
    expect([square.width, square.height]).toEqual([160, 160]);
    const wide = urls.shape(picture, { size: 'CARD', fit: 'attention', ratio: '16:9' });
    expect(optionsOf(wide.srcSet)[1]).toBe('k_a.v_v1.w_320.h_180.c_attention.f_auto');
    expect([wide.width, wide.height]).toEqual([160, 90]);
  });

  it('passes the format and data saving on', () => {
    const shaped = urls.shape(picture, { size: 'THUMB', format: 'avif', isDataSaver: true });
    expect(optionsOf(shaped.srcSet)[0]).toBe('k_a.v_v1.w_80.c_inside.f_avif.s_1');
  });

  it('takes null for what was not said', () => {
    const nothing: PictureRequest = { size: 'CARD', width: null, fit: null, format: null, isDataSaver: null };
    expect(urls.shape(picture, nothing)).toEqual(urls.shape(picture, { size: 'CARD' }));
  });

  it('names its placeholder by original and version, however the address is spelled', () => {
    const { placeholderKey } = urls.shape(picture, { size: 'CARD' });
    expect(placeholderKey).toBe(originalKey(picture.url, 'v1'));
    expect(originalKey('HTTPS://MEDIA.shop.example/desk.jpg', 'v1')).toBe(placeholderKey);
    expect(originalKey(picture.url, 'v2')).not.toBe(placeholderKey);
  });

  it('differs wherever one of its inputs differs', () => {
    const shaped = [
      urls.shape(picture, { size: 'CARD' }),
      urls.shape({ ...picture, version: 'v2' }, { size: 'CARD' }),
      urls.shape({ ...picture, url: `${picture.url}2` }, { size: 'CARD' }),
      urls.shape(picture, { size: 'THUMB' }),
      urls.shape(picture, { size: 'CARD', width: 81 }),
      urls.shape(picture, { size: 'CARD', fit: 'cover' }),
      urls.shape(picture, { size: 'CARD', fit: 'cover', ratio: '4:3' }),
      urls.shape(picture, { size: 'CARD', format: 'png' }),
      urls.shape(picture, { size: 'CARD', isDataSaver: true }),
    ];
    const distinct = new Set(shaped.map(({ srcSet }) => srcSet));
    expect(distinct.size).toBe(shaped.length);
  });
});
