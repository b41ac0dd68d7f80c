import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';

const connectTimeoutMs = 5_000;

/** Thrown before anything is sent. */
export class BlockedAddress extends Error {
  override name = 'BlockedAddress';
}

/** Resolves the name once, refuses addresses that are not public, and connects to exactly the resolved address. */
export function checkedConnector(allowPrivateAddresses: boolean): buildConnector.connector {
  const connect = buildConnector({ timeout: connectTimeoutMs });
  const connectChecked: (...given: Parameters<typeof connect>) => Promise<void> = async (options, done) => {
    try {
      const hostname = await publicAddress(options.hostname, allowPrivateAddresses);
      const servername = options.servername || (isIP(options.hostname) === 0 ? options.hostname : '');
      connect({ ...options, hostname, servername }, done);
    } catch (cause) {
      done(cause instanceof Error ? cause : new Error('the host name could not be resolved', { cause }), null);
    }
  };
  return (...given) => void connectChecked(...given);
}

/** The address of a host that may be connected to. @throws BlockedAddress for one that is not public */
export async function publicAddress(hostname: string, allowPrivateAddresses: boolean): Promise<string> {
  const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''));
  if (allowPrivateAddresses || ipaddr.process(address).range() === 'unicast') return address;
  throw new BlockedAddress(`${hostname} is not a public address`);
}
