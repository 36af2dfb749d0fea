import { describe, expect, it } from 'vitest';
import { chooseFormat } from '../../../shared/images/accept.ts';

describe('the format of an answer', () => {
  it.each([
    ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'avif'],
    ['image/webp,*/*', 'webp'],
    ['IMAGE/AVIF', 'avif'],
    ['image/avif;q=0.5, image/webp', 'webp'],
    ['image/avif;q=0.5, image/webp;q=0.5', 'avif'],
    ['image/avif; q = 0.1 ;v=1,image/webp;q=0.9', 'webp'],
    ['image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5', 'avif'],
    ['image/avif;q=0.5, image/jpeg', 'fallback'],
    ['image/webp;q=0.2,image/*;q=0.8', 'fallback'],
    ['image/webp;q=0.8,*/*;q=0.8', 'webp'],
    ['image/webp;q=0.2,image/jpeg;q=0.1,*/*', 'webp'],
    ['image/avif;q=nonsense', 'avif'],
    ['image/avif ; q = 0', 'fallback'],
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
