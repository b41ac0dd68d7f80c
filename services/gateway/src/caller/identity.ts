import type { Caller } from '@crossdesk/service-kit';

export interface Identity {
  readonly caller: Caller;
  /** When the token ends; null for a token that is valid until it is revoked, and for no token. */
  readonly expiresAt: Date | null;
  /** The epoch in which an access token of our own was made; null for other tokens. */
  readonly epoch: number | null;
}

export interface BadTokenOptions extends ErrorOptions {
  /** The token was good until its time was over: its owner can get a new one. */
  readonly isExpired?: boolean;
}

/** Thrown for a token that is not valid. Gives no reason, so that a forger learns nothing from it. */
export class BadToken extends Error {
  override name = 'BadToken';
  readonly isExpired: boolean;
  constructor({ isExpired = false, ...options }: BadTokenOptions = {}) {
    super('the token is not valid', options);
    this.isExpired = isExpired;
  }
}
