import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from '../../../shared/redis/redis-url.ts';

const plain = { isTls: false, leaderName: undefined, username: undefined, password: undefined, database: 0 };

describe('REDIS_URL', () => {
  it.each([
    ['redis://localhost', { ...plain, addresses: [{ host: 'localhost', port: 6379 }] }],
    ['redis://10.0.0.1:7000/3', { ...plain, addresses: [{ host: '10.0.0.1', port: 7000 }], database: 3 }],
    ['redis://[::1]:7000', { ...plain, addresses: [{ host: '::1', port: 7000 }] }],
    ['rediss://cache.example', { ...plain, isTls: true, addresses: [{ host: 'cache.example', port: 6379 }] }],
    ['redis://:p%40ss@h', { ...plain, addresses: [{ host: 'h', port: 6379 }], password: 'p@ss' }],
    ['redis://me:a:b@h', { ...plain, addresses: [{ host: 'h', port: 6379 }], username: 'me', password: 'a:b' }],
    [
      'redis+sentinel://:pw@s1:26380,s2/shop/2',
      {
        ...plain,
        addresses: [
          { host: 's1', port: 26_380 },
          { host: 's2', port: 26_379 },
        ],
        leaderName: 'shop',
        password: 'pw',
        database: 2,
      },
    ],
    [
      'rediss+sentinel://s1/shop',
      { ...plain, isTls: true, addresses: [{ host: 's1', port: 26_379 }], leaderName: 'shop' },
    ],
  ])('%s is understood', (url, target) => {
    expect(parseRedisUrl(url)).toEqual(target);
  });

  it.each([
    ['', 'is not of the form'],
    ['http://localhost', 'is not of the form'],
    ['localhost:6379', 'is not of the form'],
    ['redis://', 'is not of the form'],
    ['redis://h?tls=true', 'is not of the form'],
    ['redis://h:99999', 'a host or port that is none'],
    ['redis://h:port', 'a host or port that is none'],
    ['redis://a,b', 'several hosts'],
    ['redis://h/zero', 'a database that is no number'],
    ['redis://h/0/1', 'more than a database'],
    ['redis://user@h', 'a user without a password'],
    ['redis://:%zz@h', 'no encoding'],
    ['redis+sentinel://s1', 'names no leader'],
    ['redis://:p@ss@h', 'a host or port that is none'],
  ])('%j is refused, with what is wrong', (url, problem) => {
    expect(() => parseRedisUrl(url)).toThrow(problem);
  });

  it('is never repeated in what is said about it: it holds a password', () => {
    fc.assert(
      fc.property(fc.constantFrom('redis://', 'rediss://', 'redis+sentinel://', ''), fc.string(), (scheme, rest) => {
        let said = '';
        try {
          parseRedisUrl(`${scheme}user:s3cret-canary${rest}`);
        } catch (failure) {
          said = String(failure);
        }
        expect(said).not.toContain('s3cret-canary');
      }),
    );
  });
});
