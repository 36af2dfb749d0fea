import { describe, expect, it } from 'vitest';
import { chooseFormat } from '../../../shared/images/accept.ts';

describe('the format of an answer', () => {
  it.each([
    ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'avif'],
    ['image/webp,*/*', 'webp'],
    ['IMAGE/AVIF', 'avif'],
    ['image/avif;q=0.5, image/webp', 'avif'],
    ['image/avif;q=0, image/webp', 'webp'],
    ['image/avif; q=0.000 , image/webp;q=0', 'fallback'],
    ['image/*,*/*;q=0.8', 'fallback'],
    ['*/*', 'fallback'],
    ['image/avif-sequence', 'fallback'],
    ['', 'fallback'],
    [undefined, 'fallback'],
  ])('for Accept "%s" is %s', (accept, format) => {
    expect(chooseFormat('auto', accept)).toBe(format);
  });

  it('is the one that the URL names, whatever is accepted', () => {
    expect(chooseFormat('jpeg', 'image/avif')).toBe('jpeg');
    expect(chooseFormat('avif', '*/*')).toBe('avif');
  });
});
