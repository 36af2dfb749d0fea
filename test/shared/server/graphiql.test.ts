import { expect, it } from 'vitest';
import { createGraphiql } from '../../../shared/server/graphiql.ts';

it('says what to do where the editor is not installed, instead of a blank page', () => {
  const page = createGraphiql({ title: '<b>mobile' }, () => {
    throw new Error('Cannot find module');
  }).page();
  expect(page.status).toBe(200);
  expect(page.body).toContain('GraphiQL is not installed: run <code>npm ci</code> without <code>--omit=dev</code>');
  expect(page.body).not.toContain('<script');
  expect(page.body).not.toContain('<b>');
});
