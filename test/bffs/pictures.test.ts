import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.close());

interface PictureAnswer {
  readonly url: string;
  readonly srcSet: string;
  readonly width: number;
  readonly height: number;
}

/** The picture of the first recommendation, under each alias. */
async function ask(aliases: Readonly<Record<string, string>>, variables?: Readonly<Record<string, unknown>>) {
  const fields = Object.entries(aliases).map(([alias, args]) => `${alias}: image${args} { url srcSet width height }`);
  const declared =
    variables === undefined ? '' : 'query ($size: ImageSize, $width: Int, $fit: ImageFit, $saver: Boolean)';
  const document = `${declared} { home { recommendations(first: 1) { ${fields.join(' ')} } } }`;
  const { status, body } = await stack.askMobile(document, variables === undefined ? {} : { variables });
  const [product] = (body.data?.home?.recommendations ?? []) as Record<string, PictureAnswer | null>[];
  return { status, errors: body.errors ?? [], product: product ?? {} };
}

const optionsIn = (text = '') => [...text.matchAll(/\.w_(\d+)/g)].map(([, width]) => Number(width));

describe('a picture of the phone', () => {
  it('is the same address on every answer, whoever asks', async () => {
    const [once, again] = [await ask({ image: '' }), await ask({ image: '' })];
    expect(once.product['image']?.url).toMatch(/^http:\/\/pictures\.test\/images\/[\w-]{43}\//);
    expect(again.product).toEqual(once.product);
  });

  it('snaps to the widths of the phone, at one, two and three pixels a point', async () => {
    const { product } = await ask({
      named: '(size: THUMB)',
      odd: '(width: 101)',
      least: '(width: 1)',
      most: '(width: 2147483647)',
    });
    expect(optionsIn(product['named']?.srcSet)).toEqual([96, 160, 240]);
    expect(optionsIn(product['odd']?.srcSet)).toEqual([160, 240, 320]);
    expect(optionsIn(product['least']?.srcSet)).toEqual([96, 96, 96]);
    expect(new Set(optionsIn(product['most']?.srcSet)).size).toBe(1);
  });

  it('takes null for what is not said, as an argument and as a variable', async () => {
    const { product, errors } = await ask({
      plain: '',
      nulls: '(size: null, width: null, fit: null, format: null, dataSaver: null)',
    });
    expect(errors).toEqual([]);
    expect(product['nulls']).toEqual(product['plain']);
    const variables = { size: null, width: null, fit: null, saver: null };
    const asked = await ask({ image: '(size: $size, width: $width, fit: $fit, dataSaver: $saver)' }, variables);
    expect(asked.product['image']).toEqual(product['plain']);
  });

  it('says in its address what was asked for', async () => {
    const { product } = await ask({
      square: '(fit: ATTENTION)',
      saved: '(dataSaver: true)',
      webp: '(format: WEBP)',
    });
    expect(product['square']).toMatchObject({ width: 160, height: 160 });
    expect(product['square']?.url).toContain('.h_160.c_attention.f_auto/');
    expect(product['saved']?.url).toContain('.f_auto.s_1/');
    expect(product['webp']?.url).toContain('.f_webp/');
  });

  it.each([0, -1])('of %i points is none, and the rest of the screen is there', async (width) => {
    const { product, errors } = await ask({ image: '', none: `(width: ${width})` });
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT']);
    expect(product['none']).toBeNull();
    expect(product['image']).not.toBeNull();
  });

  it.each(['(width: 1e9)', '(width: "8")', '(size: HUGE)', '(quality: 100)'])(
    'is not asked for with %s',
    async (args) => {
      expect((await ask({ image: args })).status).toBe(400);
    },
  );
});
