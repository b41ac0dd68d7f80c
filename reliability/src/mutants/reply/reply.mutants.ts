import type { Mutant } from '../mutant.port.ts';

/** Faults on the way of a reply to the buyer. */
export const replyMutants: readonly Mutant[] = [
  {
    name: 'the key of the client is not looked at',
    standIns: ['reply/client-key-ignored.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'I6' },
  },
  {
    name: 'a reply is repeated under another key',
    standIns: ['reply/another-key-each-time.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'I6' },
  },
  {
    name: 'a reply of unknown outcome is sent again unseen',
    standIns: ['reply/sent-again-unseen.ts'],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I6' },
  },
  {
    name: 'a reply in doubt does not recognise itself',
    standIns: ['reply/own-reply-not-recognised.ts'],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I6' },
  },
  {
    name: 'a machine does not know that a person has the conversation',
    standIns: ['reply/holder-ignored.ts'],
    caughtBy: { by: 'load', load: 'replies', check: 'I6' },
  },
  {
    name: 'replies overtake each other',
    standIns: ['reply/replies-out-of-order.ts'],
    caughtBy: { by: 'load', load: 'contended', check: 'I3' },
  },
  {
    name: 'a message on its way does not hold back what comes from the console',
    standIns: ['reply/console-not-held-back.ts'],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I2' },
  },
  {
    name: 'a renewed token is not recognised',
    standIns: ['reply/renewed-token-not-recognised.ts'],
    caughtBy: { by: 'simulation', model: 'tokens', check: 'I6' },
  },
  {
    name: 'a late reporter settles the next attempt',
    standIns: ['reply/late-reporter-settles.ts'],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I6' },
  },
  {
    name: 'a platform that does not answer in time counts as one that did nothing',
    standIns: ['reply/time-out-counts-as-nothing.ts'],
    caughtBy: { by: 'storm', kinds: ['platform slower than its time limit'], check: 'I6' },
  },
  {
    name: 'a store that has used its limit up is asked for more',
    standIns: ['reply/limit-ignored.ts'],
    caughtBy: {
      by: 'test',
      file: 'services/ingest/test/send-quota.int.test.ts',
      title: 'however many processes ask at once, one of them gets the last send',
    },
  },
];
