import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressReader, networkOf } from '../../../shared/security/address.ts';

describe('the address of a request', () => {
  it('is the peer, whatever it says about itself', () => {
    const read = createAddressReader(['10.0.0.0/8']);
    expect(read('203.0.113.7', '1.2.3.4')).toBe('203.0.113.7');
    expect(read('203.0.113.7', undefined)).toBe('203.0.113.7');
  });

  it('never changes by X-Forwarded-For while no proxy is trusted', () => {
    const read = createAddressReader([]);
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(read('127.0.0.1', header)).toBe('127.0.0.1');
      }),
    );
  });

  it('is what a trusted proxy saw', () => {
    const read = createAddressReader(['10.0.0.0/8', '2001:db8::/32']);
    expect(read('10.1.2.3', '203.0.113.7')).toBe('203.0.113.7');
    expect(read('::ffff:10.1.2.3', '203.0.113.7')).toBe('203.0.113.7');
    expect(read('2001:db8::1', ' 2001:abcd::9 ')).toBe('2001:abcd::9');
  });

  it('is without the port that some proxies add', () => {
    const read = createAddressReader(['10.0.0.0/8']);
    expect(read('10.1.2.3', '203.0.113.7:4711')).toBe('203.0.113.7');
    expect(read('10.1.2.3', '203.0.113.7, 10.0.0.2:80')).toBe('203.0.113.7');
    expect(read('10.1.2.3', '[2001:abcd::9]:443')).toBe('2001:abcd::9');
    expect(read('10.1.2.3', '[2001:abcd::9]')).toBe('2001:abcd::9');
    expect(read('10.1.2.3', '203.0.113.7:x')).toBe('10.1.2.3');
  });

  it('is the nearest untrusted hop: what the client wrote further left does not count', () => {
    const read = createAddressReader(['10.0.0.0/8']);
    expect(read('10.0.0.1', '1.1.1.1, 203.0.113.7, 10.0.0.2')).toBe('203.0.113.7');
    expect(read('10.0.0.1', ['1.1.1.1', '203.0.113.7'])).toBe('203.0.113.7');
  });

  it('is the last readable hop where the header is broken', () => {
    const read = createAddressReader(['10.0.0.0/8']);
    expect(read('10.0.0.1', '203.0.113.7, unknown, 10.0.0.2')).toBe('10.0.0.2');
    expect(read('10.0.0.1', 'garbage')).toBe('10.0.0.1');
    expect(read('10.0.0.1', '')).toBe('10.0.0.1');
    expect(read(undefined, '203.0.113.7')).toBe('');
  });

  it('is found in a bounded number of hops', () => {
    const read = createAddressReader(['10.0.0.0/8']);
    expect(read('10.0.0.1', `203.0.113.7, ${Array.from({ length: 5000 }, () => '10.0.0.9').join(', ')}`)).toBe(
      '10.0.0.9',
    );
  });
});

describe('the network that the rate limit counts', () => {
  it.each([
    ['192.0.2.7', 64, '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', 64, '2001:db8:1:2:0:0:0:0/64'],
    ['2001:db8:1:2::9', 64, '2001:db8:1:2:0:0:0:0/64'],
    ['2001:db8:1:2ff::9', 56, '2001:db8:1:200:0:0:0:0/56'],
    ['::1', 64, '0:0:0:0:0:0:0:0/64'],
    ['::1', 128, '0:0:0:0:0:0:0:1/128'],
    ['64:ff9b::192.0.2.7', 128, '64:ff9b:0:0:0:0:c000:207/128'],
    ['not an address', 64, 'not an address'],
  ])('of %s by %i bits is %s', (address, bits, network) => {
    expect(networkOf(address, bits)).toBe(network);
  });

  it('is one for every address of a /64', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 4, maxLength: 4 }),
        fc.array(group, { minLength: 4, maxLength: 4 }),
        (net, host) => {
          const prefix = net.map((part) => part.toString(16));
          const address = [...prefix, ...host.map((part) => part.toString(16))].join(':');
          expect(networkOf(address, 64)).toBe(`${prefix.join(':')}:0:0:0:0/64`);
        },
      ),
    );
  });
});
