import proxyAddr from '@fastify/proxy-addr';
import ipaddr from 'ipaddr.js';
import type { IncomingMessage } from 'node:http';

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

const shownIpv4Bits = 24;
const shownIpv6Bits = 48;

/**
 * A client address as people see it in a list of sessions: enough to tell the office from a stranger, too little to find
 * a household. IPv4 by its /24, IPv6 by its /48; text that is no address becomes empty.
 */
export function shortenedAddress(address: string): string {
  if (!ipaddr.isValid(address)) return '';
  const parsed = ipaddr.process(address);
  const [bits, network] =
    parsed instanceof ipaddr.IPv4
      ? [shownIpv4Bits, ipaddr.IPv4.networkAddressFromCIDR(`${parsed.toString()}/${shownIpv4Bits}`)]
      : [shownIpv6Bits, ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString()}/${shownIpv6Bits}`)];
  return `${network.toString()}/${bits}`;
}

/** Whether a connection of this address may carry the requests of many: a listed proxy, or a program of this machine. */
export function createForwarderCheck(trustedProxies: readonly string[]): (address: string) => boolean {
  const isTrusted = proxyAddr.compile(['loopback', ...trustedProxies]);
  return (address) => isTrusted(address, 0);
}

/** The client's address; headers about it count only when a listed proxy sent them. */
export function createAddressReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (request) => proxyAddr(request, isTrusted);
}

/** Whether proxies can be named like this. */
export function areNetworks(parts: readonly string[]): boolean {
  try {
    proxyAddr.compile([...parts]);
    return true;
  } catch {
    return false;
  }
}
