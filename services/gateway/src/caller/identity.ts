import type { Caller } from '@crossdesk/service-kit';

export interface Identity {
  readonly caller: Caller;
  /** When the token ends; null for a token that is valid until it is revoked, and for no token. */
  readonly expiresAt: Date | null;
  /** The epoch in which an access token of our own was made; null for other tokens. */
  readonly epoch: number | null;
}

/** Thrown for a token that is not valid. Gives no reason, so that a forger learns nothing from it. */
export class BadToken extends Error {
  override name = 'BadToken';
  constructor(options?: ErrorOptions) {
    super('the token is not valid', options);
  }
}
