import type { ChannelAccount, PlatformContext, PlatformRequest, PlatformResponse } from '../port/index.ts';

/** A call that a platform received, with its address in parts. */
export interface Asked {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly request: PlatformRequest;
}

export type AnswerTo = (asked: Asked) => PlatformResponse;

export interface AskedPlatform {
  readonly context: PlatformContext;
  /** Every call so far, in order. */
  readonly asked: readonly Asked[];
}

/** A platform that gives set answers and records the calls. */
export function askedPlatform(account: ChannelAccount, now: Date, answerTo: AnswerTo): AskedPlatform {
  const asked: Asked[] = [];
  const call = async (request: PlatformRequest) => {
    const { pathname, searchParams } = new URL(request.url);
    const one = { path: pathname, query: Object.fromEntries(searchParams), body: request.body, request };
    asked.push(one);
    return answerTo(one);
  };
  const submit = () => Promise.reject(new Error('this platform takes no mails'));
  const readMailbox = () => Promise.reject(new Error('this platform has no mailbox'));
  return { context: { account, call, submit, readMailbox, now: () => now }, asked };
}
