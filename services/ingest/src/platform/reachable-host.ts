import { PlatformCallError } from '@crossdesk/channels/adapters';
import { BlockedAddress, publicAddress } from '@crossdesk/service-kit';

/** The address of a mail server, checked like those of platforms. @throws PlatformCallError */
export async function reachableHost(hostname: string, allowPrivateAddresses: boolean): Promise<string> {
  try {
    return await publicAddress(hostname, allowPrivateAddresses);
  } catch (cause) {
    const what = cause instanceof BlockedAddress ? cause.message : 'its name is not known';
    throw new PlatformCallError(`the mail server ${hostname} cannot be reached: ${what}`, false, { cause });
  }
}
