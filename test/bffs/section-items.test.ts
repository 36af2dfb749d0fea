import { expect, test } from 'vitest';
import { startStack } from '../support/stack.ts';

test('while the catalog hangs, each product of the home screen errs in its own place, and the rest is there in time', async () => {
  const stack = await startStack();
  try {
    await stack.fault('catalog', { hang: true });
    const token = await stack.shop.token('user-1');
    const { body } = await stack.askMobile('{ home { viewer { name } recommendations(first: 3) { id } } }', { token });

    expect(body.data.home).toMatchObject({
      viewer: { name: expect.any(String) },
      recommendations: [null, null, null],
    });
    const told = body.errors?.map(({ path, extensions }) => [path, extensions['code']]);
    expect(told).toEqual([0, 1, 2].map((index) => [['home', 'recommendations', index], 'DOWNSTREAM_TIMEOUT']));
  } finally {
    await stack.close();
  }
});
