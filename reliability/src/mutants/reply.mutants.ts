import type { Mutant } from './mutant.port.ts';

const ingest = 'services/ingest/src';
const conversation = 'services/conversation/src';

/** Faults on the way of a reply to the buyer. */
export const replyMutants: readonly Mutant[] = [
  {
    name: 'the key of the client is not looked at',
    edits: [
      {
        file: `${conversation}/message/send-message.commands.ts`,
        find: `    if (earlier !== null) return accept(earlier);\n`,
        replace: ``,
      },
      {
        file: `${conversation}/message/send-message.commands.ts`,
        find: `    if (first !== null) return accept(first);\n`,
        replace: ``,
      },
    ],
    caughtBy: { by: 'load', load: 'replies', check: 'I6' },
  },
  {
    name: 'a reply is repeated under another key',
    edits: [
      {
        file: `${ingest}/channels/generic/generic.messages.ts`,
        find: `signedHeaders(context.account, message.messageId, now, body)`,
        replace: `signedHeaders(context.account, crypto.randomUUID(), now, body)`,
      },
    ],
    caughtBy: { by: 'load', load: 'replies', check: 'I6' },
  },
  {
    name: 'a reply of unknown outcome is sent again unseen',
    edits: [
      {
        file: `${ingest}/delivery/delivery.domain.ts`,
        find: `  return 'read back';`,
        replace: `  return notExecuted;`,
      },
    ],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I6' },
  },
  {
    name: 'a reply in doubt does not recognise itself',
    edits: [
      {
        file: `${ingest}/inbound/echo.domain.ts`,
        find: `  if (inDoubt !== undefined) return { kind: 'settles', reply: inDoubt };\n`,
        replace: ``,
      },
    ],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I6' },
  },
  {
    name: 'replies overtake each other',
    edits: [
      {
        file: `${ingest}/delivery/delivery.store.ts`,
        find: `          and (e.status = 'sending' or`,
        replace: `          and false and (e.status = 'sending' or`,
      },
    ],
    caughtBy: { by: 'load', load: 'contended', check: 'I3' },
  },
  {
    name: 'a message on its way does not hold back what comes from the console',
    edits: [
      {
        file: `${ingest}/inbound/echo.domain.ts`,
        find: `? { kind: 'hold' } : { kind: 'elsewhere' }`,
        replace: `? { kind: 'elsewhere' } : { kind: 'elsewhere' }`,
      },
    ],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I2' },
  },
  {
    name: 'a renewed token is not recognised',
    edits: [
      {
        file: `${ingest}/account/account.domain.ts`,
        find: `return JSON.stringify(current) !== JSON.stringify(used);`,
        replace: `return JSON.stringify(current) === '' + JSON.stringify(used) + '.';`,
      },
    ],
    caughtBy: { by: 'simulation', model: 'tokens', check: 'I6' },
  },
  {
    name: 'a late reporter settles the next attempt',
    edits: [
      {
        file: `${ingest}/delivery/delivery.domain.ts`,
        find: `  if (report.attempt !== undefined && report.attempt !== known.attempts && report.status !== 'sent') return null;\n`,
        replace: ``,
      },
    ],
    caughtBy: { by: 'simulation', model: 'sender-readable', check: 'I6' },
  },
  {
    name: 'a platform that does not answer in time counts as one that did nothing',
    edits: [
      {
        file: `${ingest}/channel/platform-client.ts`,
        find: 'failed: ${what}`, hasLeft, {',
        replace: 'failed: ${what}`, hasLeft && !signal.aborted, {',
      },
    ],
    caughtBy: { by: 'storm', kinds: ['platform slower than its time limit'], check: 'I6' },
  },
  {
    name: 'a store that has used its limit up is asked for more',
    edits: [
      { file: `${ingest}/delivery/send-quota.store.ts`, find: `\n    where q.waits_until <= now()`, replace: `` },
    ],
    caughtBy: {
      by: 'test',
      file: 'services/ingest/test/send-quota.int.test.ts',
      title: 'however many processes ask at once, one of them gets the last send',
    },
  },
];
