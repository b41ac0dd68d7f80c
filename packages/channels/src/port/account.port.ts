import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';

/** Values by field name, as `Connection.credentialFields` declares them. */
export type Credentials = Readonly<Record<string, string>>;

export interface CredentialField {
  readonly name: string;
  readonly label: string;
  readonly isRequired: boolean;
  /**
   * `app`: the same for every account of one app on the platform; entered once, when the app is registered.
   * `account`: of this account only; if the channel has an authorisation, it obtains the value and nobody types it in.
   */
  readonly scope: 'app' | 'account';
  /** Where the seller finds the value on the platform. */
  readonly hint: string;
  /** The rule that a value breaks, as words that follow its name; null for a usable one. Without it any text is usable. */
  readonly problemOf?: (value: string) => string | null;
}

export interface BaseUrls {
  readonly api: string;
  /** The host that issues and refreshes tokens; the same as `api` if the platform has one host. */
  readonly auth: string;
}

/** The addresses and secrets for calls: of an account, or of an app that has no account yet. */
export interface Endpoint {
  readonly baseUrls: BaseUrls;
  readonly credentials: Credentials;
}

/** A channel account with decrypted secrets. It exists only during a call and is never stored or logged. */
export interface ChannelAccount extends Endpoint {
  readonly id: ChannelAccountId;
  readonly tenantId: TenantId;
  /** Shop id, phone number id, or the name of a generic channel. */
  readonly externalAccountId: string;
  /** The exact callback address registered at the platform; some platforms sign it. */
  readonly webhookUrl: string;
}

/** How a seller connects an account. */
export interface Connection {
  readonly credentialFields: readonly CredentialField[];
  /** The rule that an account id breaks, as words that follow its name; null for a possible one. Without it any id is. */
  readonly accountIdProblemOf?: (externalAccountId: string) => string | null;
  /** Empty if every account has its own address. */
  readonly defaultBaseUrls: BaseUrls;
  /** The protocols of base addresses, if the platform is not called by HTTP. */
  readonly protocols?: readonly ('smtp:' | 'smtps:')[];
  /** The steps for the seller on the platform, in order, for people. */
  setupSteps(address: { readonly webhookUrl: string; readonly credentials: Credentials }): readonly string[];
}
