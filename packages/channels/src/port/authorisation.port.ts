import type { Credentials } from './account.port.ts';
import type { CallContext, PlatformContext } from './platform.port.ts';

/** Access tokens that expire. */
export interface Tokens {
  /** When the access token expires; null if it does not expire. */
  expireAt(credentials: Credentials): Date | null;
  /** When the consent of the seller ends, after which no token is renewed; null if the credentials do not tell it. */
  consentEndsAt(credentials: Credentials): Date | null;
  /**
   * New credentials, to be saved before their first use.
   * @throws PlatformRefusal `permanent` when a person must authorise again; PlatformCallError
   */
  refresh(context: PlatformContext): Promise<Credentials>;
}

/** An account that a seller has given access to. */
export interface AuthorisedAccount {
  readonly externalAccountId: string;
  /** The name of the store; null if the platform does not tell it. */
  readonly displayName: string | null;
  /** ISO 3166-1 alpha-2; null if the platform does not tell it. */
  readonly country: string | null;
  /** The values of the account's own fields (`scope: 'account'`). */
  readonly credentials: Credentials;
}

/** The outcome of giving an access back. */
export type Revocation =
  | { readonly status: 'revoked' }
  /** Only a person can do it, at this address of the platform. */
  | { readonly status: 'person'; readonly url: string };

/** OAuth and its variants on platforms: the seller agrees on the platform, and nobody copies tokens. */
export interface Authorisation {
  /** How long the address of `start` works on the platform, in minutes. */
  readonly validMinutes: number;
  /**
   * The address on the platform where the seller agrees. The platform then sends the browser to `redirectUrl`, with
   * `state` among the parameters: if the platform does not pass on a state, `redirectUrl` must contain it.
   * @throws PlatformRefusal when the app lacks something
   */
  start(context: CallContext, given: { readonly redirectUrl: string; readonly state: string }): string;
  /**
   * Exchanges the parameters that the platform sent back for tokens. One consent may cover several accounts.
   * @throws PlatformRefusal when the platform refuses, PlatformCallError
   */
  complete(context: CallContext, query: Readonly<Record<string, string>>): Promise<readonly AuthorisedAccount[]>;
  /** Gives the access of an account back; null if the platform has no such call. @throws PlatformRefusal, PlatformCallError */
  readonly revoke: ((context: PlatformContext) => Promise<Revocation>) | null;
}
