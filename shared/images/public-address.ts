import { BlockList, isIPv4, isIPv6 } from 'node:net';

// IANA's registries of special-purpose addresses: everything that is not globally reachable.
const special = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  special.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['2001::', 23], // Teredo and other protocol assignments: some wrap an IPv4 address
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4 wraps an IPv4 address
  ['3fff::', 20],
] as const) {
  special.addSubnet(network, prefix, 'ipv6');
}

const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

// Never an origin, even where private ones are allowed: "this host", link-local (cloud metadata answers there), multicast, broadcast.
const neverOrigins = new BlockList();
neverOrigins.addSubnet('0.0.0.0', 8, 'ipv4');
neverOrigins.addSubnet('169.254.0.0', 16, 'ipv4');
neverOrigins.addSubnet('224.0.0.0', 3, 'ipv4');
neverOrigins.addSubnet('fe80::', 10, 'ipv6');
neverOrigins.addSubnet('ff00::', 8, 'ipv6');
neverOrigins.addAddress('fd00:ec2::254', 'ipv6');
neverOrigins.addAddress('::', 'ipv6');

/**
 * Whether an address belongs to the public internet. In IPv6 only 2000::/3 does, without the parts of it that carry IPv4
 * addresses in disguise; ::ffff:127.0.0.1 and 64:ff9b::7f00:1 lie outside.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, 'ipv4');
  return isIPv6(address) && globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** Whether an address may be an origin where private ones are allowed. */
export function isPrivateOriginAddress(address: string): boolean {
  if (isIPv4(address)) return !neverOrigins.check(address, 'ipv4');
  return isIPv6(address) && !neverOrigins.check(address, 'ipv6');
}
