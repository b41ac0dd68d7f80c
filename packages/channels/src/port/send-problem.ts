import { type DeliveryFailure, type MessageContent, type MessageKind, textOf } from '@crossdesk/contracts';
import type { Capabilities } from './record.ts';

/** The end of the reply window; null without a window or before the buyer's first message. */
export function replyWindowClosesAt(
  { replyWindowHours }: Pick<Capabilities, 'replyWindowHours'>,
  lastInboundAt: Date | null,
): Date | null {
  if (replyWindowHours === null || lastInboundAt === null) return null;
  return new Date(lastInboundAt.getTime() + replyWindowHours * 3_600_000);
}

/** Why a channel cannot take a reply unchanged, now or later. */
export interface SendProblem {
  readonly code: 'FILE_TOO_LARGE' | 'KIND_NOT_SUPPORTED' | 'TEXT_TOO_LONG' | 'WINDOW_CLOSED';
  /** The problem and what to do about it, for people. */
  readonly message: string;
  /** The class of the failure if the problem is found when an accepted reply is sent. */
  readonly failure: DeliveryFailure;
}

export interface ReplyToCheck {
  readonly content: MessageContent;
  readonly lastInboundAt: Date | null;
}

/** The problem of a reply, according to the capability record; null when there is none. */
export function findSendProblem(capabilities: Capabilities, reply: ReplyToCheck, now: Date): SendProblem | null {
  return (
    kindProblem(capabilities, reply.content.kind) ??
    fileProblem(capabilities, reply.content) ??
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

/** Of an uploaded file: size and type of one at an address are not known yet. */
function fileProblem({ files }: Capabilities, content: MessageContent): SendProblem | null {
  if (!('uploadId' in content)) return null;
  const { kind, bytes = 0, mimeType, caption } = content;
  const { bytesMax = null, mimeTypes = null, captionCharactersMax = 0 } = files[kind] ?? {};
  if (mimeTypes?.includes(mimeType ?? '') === false) {
    const message = `This channel takes ${mimeTypes.join(', ')} as ${kind}, not ${mimeType ?? 'this type'}: convert the file.`;
    return { code: 'KIND_NOT_SUPPORTED', failure: 'UNSUPPORTED', message };
  }
  if (bytesMax !== null && bytes > bytesMax) {
    const message = `The file has ${bytes} bytes, this channel takes at most ${bytesMax} as ${kind}: make it smaller.`;
    return { code: 'FILE_TOO_LARGE', failure: 'INVALID_REQUEST', message };
  }
  return lengthProblem({ textCharactersMax: captionCharactersMax }, caption?.length ?? 0);
}

function lengthProblem(
  { textCharactersMax: max }: Pick<Capabilities, 'textCharactersMax'>,
  characters: number,
): SendProblem | null {
  if (characters <= max) return null;
  const message = `The text has ${characters} characters, this channel takes at most ${max}: shorten or split it.`;
  return { code: 'TEXT_TOO_LONG', failure: 'INVALID_REQUEST', message };
}

function windowProblem(capabilities: Capabilities, lastInboundAt: Date | null, now: Date): SendProblem | null {
  const { replyWindowHours: hours } = capabilities;
  if (hours === null) return null;
  const closesAt = replyWindowClosesAt(capabilities, lastInboundAt);
  if (closesAt !== null && now < closesAt) return null;
  const message = `The platform takes replies only within ${hours} hours after the buyer's last message: wait until they write again.`;
  return { code: 'WINDOW_CLOSED', failure: 'WINDOW_CLOSED', message };
}
