import type { Keys } from '@crossdesk/service-kit';

/** The setup code is derived from the master secret, so that every process of an installation accepts the same one. */
export function setupCodeOf(keys: Keys): string {
  return keys.of('conversation/setup-code').current.toString('hex').slice(0, 24);
}
