import type { ConversationId, MessageId } from '@crossdesk/contracts';

/** A reply of ours that may be the same as an outgoing message of the platform. */
export interface OpenReply {
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly status: string;
  readonly fingerprint: string;
  readonly externalMessageId: string | null;
  readonly attemptedAt: Date | null;
}

export type EchoDecision =
  /** It is the echo of our own reply, known by its id. */
  | { readonly kind: 'echo'; readonly reply: OpenReply }
  /** It is the echo of a reply of unknown outcome, or of one that the platform gave no id for. It settles the reply. */
  | { readonly kind: 'settles'; readonly reply: OpenReply }
  /** A reply is being sent, and only its outcome decides. */
  | { readonly kind: 'hold' }
  /** Somebody wrote it outside Crossdesk. */
  | { readonly kind: 'elsewhere' };

/** How far the platform's clock may be behind ours. */
const clockSkewMsMax = 120_000;

/** Classifies a message of the seller's side, given our replies to the same conversation. */
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

/** True when the message has the content of the reply and is not older than its attempt. */
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

/**
 * The message that is the reply itself, among those that waited for its outcome; undefined when all were written
 * elsewhere.
 */
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
