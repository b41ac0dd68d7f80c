/** A sentence for people, in both languages of the house. */
export interface Advice {
  readonly en: string;
  readonly zh: string;
}

/** What renews a consent, whether it is about to end or has ended. */
export const agreeAgain: Advice = {
  en: 'Let the seller agree again: an admin calls startChannelAuthorisation for the app of the account, or connects it again with new credentials.',
  zh: '请让卖家重新授权：管理员对该账号的应用执行 startChannelAuthorisation，或用新的凭据重新连接该账号。',
};
