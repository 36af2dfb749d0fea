import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImageSigner, type ImageKey, type ImageRequest } from '../../../shared/images/signed-url.ts';

const newKey: ImageKey = { id: '2026b', secret: 'n'.repeat(32) };
const oldKey: ImageKey = { id: '2026a', secret: 'o'.repeat(32) };
const base = { baseUrl: 'https://img.shop.example', basePath: '/images' };
const request: ImageRequest = {
  source: 'https://media.shop.example/photos/desk.jpg',
  version: '3f9c',
  width: 320,
  fit: 'inside',
  format: 'auto',
};
const signer = createImageSigner({ keys: [newKey, oldKey], ...base });

function pathOf(url: string): string {
  return new URL(url).pathname;
}

describe('a signed image URL', () => {
  it('is absolute, names its key, and is the same for the same request', () => {
    const url = signer.sign(request);
    expect(url).toMatch(
      /^https:\/\/img\.shop\.example\/images\/[\w-]{43}\/k_2026b\.v_3f9c\.w_320\.c_inside\.f_auto\/[\w-]+$/,
    );
    expect(signer.sign({ ...request })).toBe(url);
  });

  it('keeps the path of the base URL', () => {
    const behindCdn = createImageSigner({ keys: [newKey], baseUrl: 'https://cdn.example/shop/', basePath: '/images' });
    expect(behindCdn.sign(request)).toMatch(/^https:\/\/cdn\.example\/shop\/images\//);
  });

  it('verifies to the options and the source that were signed', () => {
    expect(signer.verify(pathOf(signer.sign(request)))).toEqual({
      options: 'k_2026b.v_3f9c.w_320.c_inside.f_auto',
      source: request.source,
    });
  });

  it('carries the canonical spelling of its source', () => {
    const url = signer.sign({ ...request, source: 'HTTPS://Media.Shop.Example:443/a/../photos/desk.jpg' });
    expect(url).toBe(signer.sign(request));
  });

  it('is new for a new version of the photograph, whatever the version looks like', () => {
    const urls = ['1', '2', 'a/b?c', 'a.b'].map((version) => signer.sign({ ...request, version }));
    expect(new Set(urls).size).toBe(4);
    for (const url of urls) expect(signer.verify(pathOf(url))).not.toBeNull();
  });

  it('verifies while its key is the older of two, and no longer once the key is gone', () => {
    const path = pathOf(createImageSigner({ keys: [oldKey], ...base }).sign(request));
    expect(signer.verify(path)).not.toBeNull();
    expect(createImageSigner({ keys: [newKey], ...base }).verify(path)).toBeNull();
  });

  it('does not verify under the id of another key', () => {
    const path = pathOf(signer.sign(request)).replace('k_2026b', 'k_2026a');
    expect(signer.verify(path)).toBeNull();
  });

  it('does not verify when any one character is another', () => {
    const path = pathOf(signer.sign(request));
    const alphabet = 'AB09-_./,%w';
    fc.assert(
      fc.property(fc.nat(path.length - 1), fc.constantFrom(...alphabet.split('')), (at, character) => {
        fc.pre(path[at] !== character);
        expect(signer.verify(path.slice(0, at) + character + path.slice(at + 1))).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });

  it('has one spelling of its signature only', () => {
    const path = pathOf(signer.sign(request));
    const last = '/images/'.length + 42;
    const verified = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      .split('')
      .filter((character) => signer.verify(path.slice(0, last) + character + path.slice(last + 1)) !== null);
    expect(verified).toEqual([path[last]]);
  });

  it.each([
    ['nothing', ''],
    ['no signature', '/images/k_2026b.w_320/aHR0cA'],
    ['a short signature', `/images/${'A'.repeat(42)}/k_2026b.w_320/aHR0cA`],
    ['a long signature', `/images/${'A'.repeat(44)}/k_2026b.w_320/aHR0cA`],
    ['no key', `/images/${'A'.repeat(43)}/w_320/aHR0cA`],
    ['the key __proto__', `/images/${'A'.repeat(43)}/k___proto__.w_320/aHR0cA`],
    ['another path', pathOf(signer.sign(request)).replace('/images/', '/pictures/')],
    ['something behind it', `${pathOf(signer.sign(request))}/more`],
    ['a query', `${pathOf(signer.sign(request))}?x=1`],
    ['100 KB', `/images/${'A'.repeat(100_000)}`],
  ])('does not verify with %s', (_what, path) => {
    expect(signer.verify(path)).toBeNull();
  });
});

describe('the keys of a signer', () => {
  it.each([
    ['at least one', [], /at least one/],
    ['at most two', [newKey, oldKey, { id: 'c', secret: 'c'.repeat(32) }], /at most two/],
    ['32 bytes', [{ id: 'a', secret: 'short' }], /secret of "a" is shorter than 32 bytes/],
    ['ids that fit into a path', [{ id: 'a.b', secret: 'c'.repeat(32) }], /letters, digits or hyphens/],
    ['distinct ids', [newKey, newKey], /"2026b" is given twice/],
  ])('are %s, or nothing starts', (_rule, keys, message) => {
    expect(() => createImageSigner({ keys, ...base })).toThrow(message);
  });

  it('never show a secret in the message', () => {
    const start = () => createImageSigner({ keys: [{ id: 'a', secret: 'canary-secret' }], ...base });
    expect(start).toThrow(expect.objectContaining({ message: expect.not.stringContaining('canary') }));
  });

  it.each(['', 'localhost:4003', '/images', 'ftp://a', 'https://a/?b=1'])(
    'need an absolute base URL, not "%s"',
    (baseUrl) => {
      expect(() => createImageSigner({ keys: [newKey], baseUrl, basePath: '/images' })).toThrow(/base URL/);
    },
  );

  it.each(['', '/', 'images', '/images/', '/a b'])('need a base path of plain segments, not "%s"', (basePath) => {
    expect(() => createImageSigner({ keys: [newKey], baseUrl: 'https://a', basePath })).toThrow(/base path/);
  });
});
