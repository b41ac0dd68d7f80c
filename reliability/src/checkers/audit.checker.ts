import { verifyChain } from '@crossdesk/service-kit';
import { type Checker, grouped, type Violation, violation } from './checker.port.ts';
import { operations } from '../history.ts';

/** I11: each chain is valid from its first entry to its head. */
export const chainsHold: Checker = (_history, seen) =>
  seen.audit.flatMap(({ service, key, head, entries }) => {
    const broken = verifyChain(entries, head, [key]);
    if (broken === null) return [];
    const where = `the audit chain of ${head.tenantId} in ${service}`;
    return [violation('I11', 'wrong', `${where} is broken at ${broken.seq} of ${head.seq}: ${broken.how}`)];
  });

/**
 * I11: each reply has exactly one entry: accepted replies, and replies in a conversation whose sender got no answer. No
 * entry is about a reply that does not exist.
 */
export const repliesAreAudited: Checker = (history, seen) => {
  const entries = seen.audit.flatMap((chain) => chain.entries).filter(({ action }) => action === 'sendMessage');
  const times = grouped(entries, ({ targetId }) => targetId ?? '');
  const replies = new Map(
    // Those of a bulk job have one entry for many.
    seen.messages.flatMap((row) =>
      !row.isBulk && (row.author === 'agent' || row.author === 'bot') ? [[row.id, row.tenantId]] : [],
    ),
  );
  const accepted = operations(history, 'reply').flatMap(({ phase, messageId }) =>
    phase === 'ok' && messageId !== null ? [messageId] : [],
  );
  return [...new Set([...replies.keys(), ...accepted, ...times.keys()])].flatMap((id): Violation[] => {
    const [entry, another] = times.get(id) ?? [];
    if (entry === undefined) return [violation('I11', 'lost', `the reply ${id} is not on the audit chain`)];
    if (another !== undefined) return [violation('I11', 'doubled', `the reply ${id} is twice on the audit chain`)];
    if (replies.get(id) === entry.tenantId) return [];
    return [violation('I11', 'wrong', `the audit chain has the reply ${id}, its workspace has not`)];
  });
};

/** I11: each connection of a shop has an entry, also a repeated one. */
export const connectionsAreAudited: Checker = (_history, seen) => {
  const connected = new Set(
    seen.audit
      .flatMap((chain) => chain.entries)
      .flatMap(({ action, targetId }) => (action === 'connectChannelAccount' ? [targetId] : [])),
  );
  return seen.accounts.flatMap(({ id, shop }) =>
    connected.has(id) ? [] : [violation('I11', 'lost', `the connection of ${shop} is not on the audit chain`)],
  );
};
