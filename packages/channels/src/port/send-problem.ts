import { type DeliveryFailure, type MessageContent, type MessageKind, textOf } from '@crossdesk/contracts';
import type { Capabilities } from './record.ts';

/** Until when a free-form reply goes through; null without a window or before the buyer's first message. */
export function replyWindowClosesAt(
  { replyWindowHours }: Pick<Capabilities, 'replyWindowHours'>,
  lastInboundAt: Date | null,
): Date | null {
  if (replyWindowHours === null || lastInboundAt === null) return null;
  return new Date(lastInboundAt.getTime() + replyWindowHours * 3_600_000);
}

/** Why a channel does not take a reply as it is, neither now nor later. */
export interface SendProblem {
  readonly code: 'KIND_NOT_SUPPORTED' | 'TEXT_TOO_LONG' | 'WINDOW_CLOSED';
  /** What stands in the way and what to do, for people. */
  readonly message: string;
  /** The class of the failure when a reply that was accepted meets it at the moment of sending. */
  readonly failure: DeliveryFailure;
}

export interface ReplyToCheck {
  readonly content: MessageContent;
  readonly lastInboundAt: Date | null;
}

/** What stands in the way of a reply, as far as the capability record tells; null when nothing does. */
export function findSendProblem(capabilities: Capabilities, reply: ReplyToCheck, now: Date): SendProblem | null {
  return (
    kindProblem(capabilities, reply.content.kind) ??
    lengthProblem(capabilities, textOf(reply.content)?.length ?? 0) ??
    windowProblem(capabilities, reply.lastInboundAt, now)
  );
}

function kindProblem({ sends }: Capabilities, kind: MessageKind): SendProblem | null {
  if (sends.includes(kind)) return null;
  const instead = sends.length === 0 ? 'it takes no replies' : `send ${sends.join(', ')}`;
  return {
    code: 'KIND_NOT_SUPPORTED',
    failure: 'UNSUPPORTED',
    message: `This channel cannot send ${kind}: ${instead}.`,
  };
}

function lengthProblem({ textCharactersMax: max }: Capabilities, characters: number): SendProblem | null {
  if (characters <= max) return null;
  const message = `The text has ${characters} characters, this channel takes ${max}: shorten or split it.`;
  return { code: 'TEXT_TOO_LONG', failure: 'INVALID_REQUEST', message };
}

function windowProblem(capabilities: Capabilities, lastInboundAt: Date | null, now: Date): SendProblem | null {
  const { replyWindowHours: hours } = capabilities;
  if (hours === null) return null;
  const closesAt = replyWindowClosesAt(capabilities, lastInboundAt);
  if (closesAt !== null && now < closesAt) return null;
  const message = `The platform takes replies for ${hours} hours after the buyer wrote: wait until they write again.`;
  return { code: 'WINDOW_CLOSED', failure: 'WINDOW_CLOSED', message };
}
