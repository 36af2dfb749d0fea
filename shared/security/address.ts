import { BlockList, isIP, isIPv6 } from 'node:net';

/** Addresses and CIDR ranges: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. */
export function createAddressList(ranges: readonly string[]): { has(address: string): boolean } {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  if (ranges.length === 0) return { has: () => false };
  return { has: (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') };
}

/**
 * Whose request it is: the peer, or, where the peer is a trusted proxy, the nearest address in X-Forwarded-For that is
 * none. What stands further left was written by the client and is not looked at.
 */
export function createAddressReader(
  trustedProxies: readonly string[],
): (peer: string | undefined, forwardedFor: string | string[] | undefined) => string {
  const trusted = createAddressList(trustedProxies);
  return (peer, forwardedFor) => {
    let address = plain(peer ?? '');
    if (forwardedFor === undefined || !trusted.has(address)) return address;
    const hops = (typeof forwardedFor === 'string' ? forwardedFor : forwardedFor.join(',')).split(',');
    for (let index = hops.length - 1; index >= 0 && index >= hops.length - 20; index -= 1) {
      const hop = plain(withoutPort((hops[index] ?? '').trim()));
      if (isIP(hop) === 0) break;
      address = hop;
      if (!trusted.has(hop)) break;
    }
    return address;
  };
}

/** What the rate limit counts an address by: IPv4 whole, IPv6 by its first `prefixBits`. */
export function networkOf(address: string, prefixBits: number): string {
  if (!isIPv6(address)) return address;
  const groups = expand(address);
  let left = prefixBits;
  const kept = groups.map((group) => {
    const bits = Math.max(0, Math.min(16, left));
    left -= 16;
    return (group & (0xffff << (16 - bits)) & 0xffff).toString(16);
  });
  return `${kept.join(':')}/${prefixBits}`;
}

/** Some proxies write the client's port behind its address: 203.0.113.7:4711, [2001:db8::1]:443. */
function withoutPort(hop: string): string {
  const [, v4, v6] = /^(?:(\d+\.\d+\.\d+\.\d+):\d+|\[([\da-f:.]+)\](?::\d+)?)$/i.exec(hop) ?? [];
  return v4 ?? v6 ?? hop;
}

/** An IPv4 peer of a dual-stack socket comes as ::ffff:192.0.2.7; zones are of no matter to us. */
function plain(address: string): string {
  const zone = address.indexOf('%');
  const bare = zone === -1 ? address : address.slice(0, zone);
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice(7) : bare;
}

function expand(address: string): number[] {
  const [head = '', tail] = withoutDots(address).split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array.from({ length: Math.max(0, gap) }, () => '0'), ...back].map((group) =>
    Number.parseInt(group, 16),
  );
}

/** 64:ff9b::192.0.2.7 with its last two groups in hex. */
function withoutDots(address: string): string {
  const match = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (match === null) return address;
  const [, front = '', a = 0, b = 0, c = 0, d = 0] = match;
  return `${front}${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`;
}
