import { deriveKey } from '@crossdesk/service-kit';

/** The setup code is derived from the master secret, so that every process of an installation accepts the same one. */
export function setupCodeOf(master: Buffer): string {
  return deriveKey(master, 'conversation:setup-code').toString('hex').slice(0, 24);
}
