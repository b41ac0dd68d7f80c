import type { Credentials, MailSignIn } from '../port/index.ts';
import { hasToken } from './email.token.ts';

/** How an account signs in to its servers; null for servers that ask for no sign-in. */
export function signInOf(own: string, credentials: Credentials): MailSignIn | null {
  const { smtp_user = '', smtp_password = '', access_token = '' } = credentials;
  const isToken = hasToken(credentials);
  const secret = isToken ? access_token : smtp_password;
  return secret === '' ? null : { user: smtp_user === '' ? own : smtp_user, secret, isToken };
}
