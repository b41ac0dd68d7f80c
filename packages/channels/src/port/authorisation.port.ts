import type { Credentials } from './account.port.ts';
import type { CallContext, PlatformContext } from './platform.port.ts';

/** Access tokens that end. */
export interface Tokens {
  /** When the access token ends; null for one without an end. */
  expireAt(credentials: Credentials): Date | null;
  /**
   * New credentials, to be saved before their first use.
   * @throws PlatformRefusal `permanent` when a person must authorise anew; PlatformCallError
   */
  refresh(context: PlatformContext): Promise<Credentials>;
}

/** An account that a seller gave access to. */
export interface AuthorisedAccount {
  readonly externalAccountId: string;
  /** The name of the store; null where the platform does not tell. */
  readonly displayName: string | null;
  /** The values of the account's own fields (`scope: 'account'`). */
  readonly credentials: Credentials;
}

/** What became of an access that was to be given back. */
export type Revocation =
  | { readonly status: 'revoked' }
  /** The platform lets only people do it: the address where they can. */
  | { readonly status: 'person'; readonly url: string };

/** OAuth and what platforms made of it: the seller agrees at the platform, nobody copies tokens. */
export interface Authorisation {
  /** How long the address of `start` works at the platform, in minutes. */
  readonly validMinutes: number;
  /**
   * The address at the platform where the seller agrees. @throws PlatformRefusal when the app lacks something. The platform sends the browser to `redirectUrl` afterwards, with
   * `state` among the parameters: where the platform carries no state, `redirectUrl` must.
   */
  start(context: CallContext, given: { readonly redirectUrl: string; readonly state: string }): string;
  /**
   * Exchanges what the platform sent back for tokens. One consent may cover several accounts.
   * @throws PlatformRefusal when the platform refuses, PlatformCallError
   */
  complete(context: CallContext, query: Readonly<Record<string, string>>): Promise<readonly AuthorisedAccount[]>;
  /** Gives the access of an account back; null where the platform has no way. @throws PlatformRefusal, PlatformCallError */
  readonly revoke: ((context: PlatformContext) => Promise<Revocation>) | null;
}
