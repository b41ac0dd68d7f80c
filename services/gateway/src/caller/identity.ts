import type { Caller } from '@crossdesk/service-kit';

export interface Identity {
  readonly caller: Caller;
  /** When the token ends; null for a token that holds until it is taken back, and for no token. */
  readonly expiresAt: Date | null;
  /** The epoch an access token of our own was made in; null for every other token. */
  readonly epoch: number | null;
}

/** Thrown for a token that does not hold. Carries no reason: whoever forges one learns nothing from it. */
export class BadToken extends Error {
  override name = 'BadToken';
  constructor(options?: ErrorOptions) {
    super('the token does not hold', options);
  }
}
