import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { imageProcessConditions } from '../../shared/images/image-child.ts';

test('npm run start:images runs Node as the phone’s server runs the image process', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const words: string[] = scripts['start:images'].split(' ');
  const { UV_THREADPOOL_SIZE: _, ...env } = imageProcessConditions.env;
  expect(words).toEqual(expect.arrayContaining([...imageProcessConditions.execArgv]));
  expect(words).toEqual(expect.arrayContaining(Object.entries(env).map(([name, value]) => `${name}=${value}`)));
});
