import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';

/** Values by field name, as `Connection.credentialFields` declares them. */
export type Credentials = Readonly<Record<string, string>>;

export interface CredentialField {
  readonly name: string;
  readonly label: string;
  readonly isRequired: boolean;
  /**
   * `app`: the same for every account of one app at the platform; entered once when the app is registered.
   * `account`: of this account alone; where the channel has an authorisation, it is obtained by that and not typed in.
   */
  readonly scope: 'app' | 'account';
  /** Where the seller finds it at the platform. */
  readonly hint: string;
}

export interface BaseUrls {
  readonly api: string;
  /** The host that gives and refreshes tokens; the same as `api` where a platform has one host. */
  readonly auth: string;
}

/** Where calls go and with which secrets: an account, or an app that has no account yet. */
export interface Endpoint {
  readonly baseUrls: BaseUrls;
  readonly credentials: Credentials;
}

/** A channel account with its secrets opened. It exists only while a call is made and is never stored or logged. */
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
  /** Empty text where every account brings its own address. */
  readonly defaultBaseUrls: BaseUrls;
  /** What the seller has to enter at the platform, in order, for people. */
  setupSteps(address: { readonly webhookUrl: string; readonly credentials: Credentials }): readonly string[];
}
