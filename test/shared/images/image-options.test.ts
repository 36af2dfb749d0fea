import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  endOfDayMs,
  formatImageOptions,
  imageFits,
  imageFormats,
  parseImageOptions,
} from '../../../shared/images/image-options.ts';

describe('image options', () => {
  it('are read as they were written', () => {
    const size = fc.integer({ min: 1, max: 99_999 });
    const options = fc.record(
      {
        version: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
        width: size,
        height: size,
        fit: fc.constantFrom(...imageFits),
        format: fc.constantFrom(...imageFormats),
        isDataSaver: fc.boolean(),
        expiresOn: fc.constantFrom('2026-12-31', '2028-02-29'),
      },
      { requiredKeys: ['version', 'width', 'fit', 'format', 'isDataSaver'] },
    );
    fc.assert(
      fc.property(options, (written) => {
        expect(parseImageOptions(formatImageOptions('a', written))).toEqual(written);
      }),
    );
  });

  it.each([
    'k_a.v_1.c_inside.f_auto',
    'k_a.w_320.c_inside.f_auto',
    'v_1.w_320.c_inside.f_auto',
    'k_a.v_1.w_320.f_auto',
    'k_a.v_1.w_320.c_inside',
    'k_a.v_1.w_0.c_inside.f_auto',
    'k_a.v_1.w_-1.c_inside.f_auto',
    'k_a.v_1.w_1e9.c_inside.f_auto',
    'k_a.v_1.w_1000000000.c_inside.f_auto',
    'k_a.v_1.w_NaN.c_inside.f_auto',
    'k_a.v_1.w_320.5.c_inside.f_auto',
    'k_a.v_1.w_0320.c_inside.f_auto',
    'k_a.v_1.w_ 320.c_inside.f_auto',
    'k_a.v_1.w_320.h_0.c_inside.f_auto',
    'k_a.v_1.w_320.w_640.c_inside.f_auto',
    'k_a.v_1.w_320.c_zoom.f_auto',
    'k_a.v_1.w_320.c_inside.f_svg',
    'k_a.v_1.w_320.c_inside.f_auto.s_0',
    'k_a.v_1.w_320.c_inside.f_auto.x_2026-13-01',
    'k_a.v_1.w_320.c_inside.f_auto.x_2026-02-31',
    'k_a.v_1.w_320.c_inside.f_auto.x_2027-02-29',
    'k_a.v_1.w_320.c_inside.f_auto.x_2026-00-00',
    'k_a.v_1.w_320.c_inside.f_auto.x_soon',
    'k_a.v_1.w_320.c_inside.f_auto.z_1',
    'k_a.v_1.w_320.c_inside.f_auto.__proto__',
    'k_a.v_1.w_320.c_inside.f_constructor',
    `k_a.v_${'1'.repeat(41)}.w_320.c_inside.f_auto`,
    '',
  ])('refuse %s', (text) => {
    expect(parseImageOptions(text)).toBeNull();
  });

  it('end a day at midnight in UTC', () => {
    expect(endOfDayMs('2026-12-31')).toBe(Date.UTC(2027, 0, 1));
  });
});
