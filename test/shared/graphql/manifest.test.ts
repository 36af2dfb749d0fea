import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../../shared/graphql/documents/manifest.ts';

describe('a manifest', () => {
  test('has its ids in one form, with the prefix or without', () => {
    const operations = [
      { id: 'a'.repeat(64), body: '{ a }' },
      { id: `sha256:${'b'.repeat(64)}`, body: '{ b }' },
    ];
    const text = JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });
    expect(parseManifest(text).operations.map(({ id }) => id)).toEqual([
      `sha256:${'a'.repeat(64)}`,
      `sha256:${'b'.repeat(64)}`,
    ]);
  });

  test.each([
    ['no JSON', '{', 'JSON'],
    ['of another format', '{"format":"other","version":1,"operations":[]}', 'must say "format"'],
    ['of another version', '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}', '"version": 1'],
    ['without operations', '{"format":"apollo-persisted-query-manifest","version":1}', 'list its operations'],
    [
      'with an id that is no hash',
      '{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"x","body":"{a}"}]}',
      'no SHA-256',
    ],
    [
      'with an operation that is null',
      '{"format":"apollo-persisted-query-manifest","version":1,"operations":[null]}',
      'operations[0]',
    ],
    [
      'with an operation without text',
      `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"${'a'.repeat(64)}"}]}`,
      'no "body"',
    ],
  ])('%s is refused', (_name, text, message) => {
    expect(() => parseManifest(text)).toThrow(message);
  });
});
