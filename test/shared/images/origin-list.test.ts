import { describe, expect, it } from 'vitest';
import { createOriginList } from '../../../shared/images/origin-list.ts';

const list = createOriginList(['https://ok.example'], ['http://127.0.0.1:4190']);

describe('the list of origins', () => {
  it('finds a source with its path and query', () => {
    expect(list.find('https://ok.example/photos/a.jpg?size=2')).toMatchObject({
      origin: 'https://ok.example',
      path: '/photos/a.jpg?size=2',
    });
  });

  it('finds a private origin where that is allowed', () => {
    expect(list.find('http://127.0.0.1:4190/a.jpg').isAllowedAddress('127.0.0.1')).toBe(true);
  });

  it.each([
    'http://ok.example/a.jpg',
    'https://ok.example:8443/a.jpg',
    'https://ok.evil/a.jpg',
    'https://evil.ok.example/a.jpg',
    'https://ok.example.evil/a.jpg',
    'https://ok.example@evil/a.jpg',
    'https://evil@ok.example/a.jpg',
    'https://user:pass@ok.example/a.jpg',
    'https://ok.example#@evil/a.jpg',
    'https://evil#@ok.example/a.jpg',
    'https://evil\\@ok.example/a.jpg',
    'https://ok.example\\@evil/a.jpg',
    'https:ok.example/a.jpg',
    'https:///ok.example/a.jpg',
    '//ok.example/a.jpg',
    '/a.jpg',
    'HTTPS://ok.example/a.jpg',
    'https://OK.example/a.jpg',
    'https://ok.example./a.jpg',
    'https://ok.example:443/a.jpg',
    'https://ok.example/x/../a.jpg',
    'https://ok%2eexample/a.jpg',
    'https://ｏｋ.example/a.jpg',
    ' https://ok.example/a.jpg',
    'https://ok.example/a.jpg\n',
    'https://ok.example/a.jpg\u0000',
    'https://ok.example/a.jpg#fragment',
    'https://ok.example',
    'http://127.1:4190/a.jpg',
    'http://2130706433:4190/a.jpg',
    'http://0x7f000001:4190/a.jpg',
    'http://0177.0.0.1:4190/a.jpg',
    'http://127.0.0.1:4191/a.jpg',
    'http://[::ffff:127.0.0.1]:4190/a.jpg',
    'http://[::1]:4190/a.jpg',
    'http://localhost:4190/a.jpg',
    'http://0.0.0.0:4190/a.jpg',
    'https://127.0.0.1/a.jpg',
    'https://[::1]:8443/a.jpg',
    'file:///etc/passwd',
    'data:image/png;base64,AAAA',
    'ftp://ok.example/a.jpg',
    'javascript:alert(1)',
    '',
    'a'.repeat(10_000),
  ])('refuses %s', (source) => {
    expect(() => list.find(source)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it.each([
    'ok.example',
    'https://ok.example/photos',
    'https://u@ok.example',
    'ftp://ok.example',
    '*',
    'https://ok.example?x',
  ])('does not start with the entry %s', (entry) => {
    expect(() => createOriginList([entry], [])).toThrow(/scheme, host and port/);
  });

  it.each(['https://127.0.0.1', 'https://[::1]:8443', 'http://10.0.0.1'])(
    'does not start with %s as a public origin: nobody would look the address up',
    (entry) => {
      expect(() => createOriginList([entry], [])).toThrow(`${entry} is no public address`);
      expect(() => createOriginList([], [entry])).not.toThrow();
    },
  );

  it.each(['http://169.254.169.254', 'http://0.0.0.0:8080', 'http://[fe80::1]', 'http://224.0.0.1'])(
    'does not start with %s, from which no picture is ever served',
    (entry) => {
      const refusal = `${entry} is an address that no origin may have`;
      expect(() => createOriginList([entry], [])).toThrow(refusal);
      expect(() => createOriginList([], [entry])).toThrow(refusal);
    },
  );
});
