import {
  type ChannelAdapter,
  type OutgoingMessage,
  PlatformCallError,
  PlatformRefusal,
  type SendOutcome,
} from '@crossdesk/channels/adapters';
import type { AccountContext } from '../account/connected-account.ts';
import type { PlatformAccess } from '../account/platform-access.ts';

type Retry = Extract<SendOutcome, { readonly status: 'retry' }>;

/** Sends, and turns every failure of the connection into an outcome. */
export async function callSender(
  { sender, lacks }: ChannelAdapter,
  context: AccountContext,
  message: OutgoingMessage,
): Promise<SendOutcome> {
  if (sender === null)
    return { status: 'rejected', failure: 'UNSUPPORTED', detail: lacks.sender ?? 'this channel takes no replies' };
  try {
    return await sender.send(context, message);
  } catch (error) {
    if (!(error instanceof PlatformCallError)) throw error;
    return error.mayHaveExecuted
      ? { status: 'unknown', detail: error.message }
      : { status: 'retry', afterMs: 0, detail: error.message };
  }
}

/** Makes a call. A refused token is renewed once. */
export async function withToken<Outcome extends { readonly status: string }>(
  access: PlatformAccess,
  context: AccountContext,
  attempt: (context: AccountContext) => Promise<Outcome>,
): Promise<Outcome | Retry> {
  const outcome = await attempt(context);
  if (outcome.status !== 'unauthorised') return outcome;
  const renewed = await reached(() => access.reopen(context));
  if (renewed instanceof Error) return { status: 'retry', afterMs: 0, detail: renewed.message };
  return renewed === null ? outcome : attempt(renewed);
}

/**
 * If the platform does not renew the token now, nothing was executed: the error is returned as an answer and does not
 * end the claim.
 */
export async function reached(open: () => Promise<AccountContext | null>): Promise<AccountContext | null | Error> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof PlatformCallError || error instanceof PlatformRefusal) return error;
    throw error;
  }
}
