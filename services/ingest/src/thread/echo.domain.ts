import type { ConversationId, MessageId } from '@crossdesk/contracts';

/** A reply of ours that an outgoing message of the platform may be. */
export interface OpenReply {
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly status: string;
  readonly fingerprint: string;
  readonly externalMessageId: string | null;
  readonly attemptedAt: Date | null;
}

export type EchoDecision =
  /** It is our own reply coming back, known by its id. */
  | { readonly kind: 'echo'; readonly reply: OpenReply }
  /** It is a reply of unknown outcome, or one the platform gave no id for: now we know. */
  | { readonly kind: 'settles'; readonly reply: OpenReply }
  /** A reply is on its way and only its outcome tells. */
  | { readonly kind: 'hold' }
  /** Somebody wrote it outside Crossdesk. */
  | { readonly kind: 'elsewhere' };

/** How far the platform's clock may be behind ours. */
const clockSkewMsMax = 120_000;

/** What a message of the seller's side is, given the replies of ours to the same conversation. */
export function decideEcho(
  message: {
    readonly conversationId: ConversationId;
    readonly externalMessageId: string;
    readonly fingerprint: string;
    readonly occurredAt: Date;
  },
  replies: readonly OpenReply[],
): EchoDecision {
  const own = replies.filter((reply) => reply.conversationId === message.conversationId);
  const byId = own.find((reply) => reply.externalMessageId === message.externalMessageId);
  if (byId !== undefined) return { kind: 'echo', reply: byId };
  const inDoubt = own.find(
    (reply) => reply.status !== 'sending' && reply.externalMessageId === null && isSameWords(message, reply),
  );
  if (inDoubt !== undefined) return { kind: 'settles', reply: inDoubt };
  return own.some((reply) => reply.status === 'sending') ? { kind: 'hold' } : { kind: 'elsewhere' };
}

/** True when the message says what the reply says and is not older than its attempt. */
export function isSameWords(
  message: { readonly fingerprint: string; readonly occurredAt: Date },
  reply: Pick<OpenReply, 'fingerprint' | 'attemptedAt'>,
): boolean {
  return (
    message.fingerprint === reply.fingerprint &&
    reply.attemptedAt !== null &&
    message.occurredAt.getTime() >= reply.attemptedAt.getTime() - clockSkewMsMax
  );
}

/** Which of the messages that waited for the outcome of a reply is the reply itself; none when all were written elsewhere. */
export function findOwn<
  Held extends { readonly externalMessageId: string; readonly fingerprint: string; readonly occurredAt: Date },
>(
  reply: Pick<OpenReply, 'status' | 'fingerprint' | 'externalMessageId' | 'attemptedAt'>,
  held: readonly Held[],
): Held | undefined {
  if (reply.externalMessageId !== null)
    return held.find(({ externalMessageId }) => externalMessageId === reply.externalMessageId);
  if (reply.status !== 'sent' && reply.status !== 'unknown') return undefined;
  return held.find((message) => isSameWords(message, reply));
}
