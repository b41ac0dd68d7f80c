import ipaddr from 'ipaddr.js';

const ipv6NetworkBits = 64;

/**
 * The network that a client address counts as, wherever limits are counted per address. A subscriber gets a whole /64
 * of IPv6 addresses, so these are one client; an IPv4 address written as IPv6 is the IPv4 address. Text that is no
 * address is returned as it is.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return (
    ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString()}/${ipv6NetworkBits}`).toString() +
    `/${ipv6NetworkBits}`
  );
}
