import type { Credentials, Shop } from '../model.ts';
import type { Context } from '../platform.port.ts';

/** With this secret the provider of the mailbox signs the mails that it posts. */
export function signingSecret({ seed }: Context, { externalAccountId }: Shop): string {
  return `whsec_${Buffer.from(seed.hex(64, 'email-secret', externalAccountId), 'hex').toString('base64')}`;
}

export function emailCredentials(context: Context, shop: Shop): Credentials {
  return { signing_secret: signingSecret(context, shop), smtp_password: passwordOf(context, shop) };
}

function passwordOf({ seed }: Context, { externalAccountId }: Shop): string {
  return seed.hex(24, 'email-password', externalAccountId);
}

/** The mailbox that a user signs in to; null for a wrong password. */
export function signedIn(context: Context, user: string, password: string): Shop | null {
  const shop = context.world.shops('email').find(({ externalAccountId }) => externalAccountId === user);
  return shop !== undefined && passwordOf(context, shop) === password ? shop : null;
}
