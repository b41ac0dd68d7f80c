import type { ChannelAccountId, ConversationId } from '@crossdesk/contracts';
import { liveStream } from '../live-stream.ts';
import { idIn, wordsIn } from '../stream-arguments.ts';

const kindOfChange = {
  state: 'STATE_CHANGED',
  priority: 'PRIORITY_CHANGED',
  assignee: 'ASSIGNEE_CHANGED',
  read: 'READ',
  joined: 'JOINED',
  escalated: 'ESCALATED',
  tags: 'TAGS_CHANGED',
  closed: 'CLOSED',
  snoozed: 'SNOOZED',
  reopened: 'REOPENED',
  classified: 'CLASSIFIED',
  team: 'TEAM_CHANGED',
  'buyer-named': 'BUYER_NAMED',
  'customer-marked': 'CUSTOMER_MARKED',
  'case-linked': 'CASE_LINKED',
  'case-unlinked': 'CASE_UNLINKED',
} as const;

interface InboxFacts {
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly kind:
    | 'MESSAGE_ADDED'
    | 'MESSAGE_CHANGED'
    | 'DELIVERY_CHANGED'
    | 'MEDIA_CHANGED'
    | 'NOTE_ADDED'
    | 'REGROUPED'
    | 'SLA_WARNED'
    | 'SLA_BREACHED'
    | 'SLA_MET'
    | 'MARKS_CHANGED'
    | 'ATTRIBUTE_CHANGED'
    | (typeof kindOfChange)[keyof typeof kindOfChange];
}

interface OfConversation {
  readonly data: {
    readonly conversation: { readonly conversationId: ConversationId; readonly accountId: ChannelAccountId };
  };
}

const ofKind =
  (kind: InboxFacts['kind']) =>
  ({ data: { conversation } }: OfConversation): InboxFacts => ({
    conversationId: conversation.conversationId,
    accountId: conversation.accountId,
    kind,
  });

/** What happens in the conversations of a workspace. */
export const inboxEvents = liveStream<InboxFacts>({
  field: 'inboxEvents',
  cursorField: 'inboxCursor',
  byIds: 'inboxEventsByIds',
  topics: ['conversation.conversation'],
  shown: {
    'conversation.message-added': ofKind('MESSAGE_ADDED'),
    'conversation.message-changed': ofKind('MESSAGE_CHANGED'),
    'conversation.delivery-changed': ofKind('DELIVERY_CHANGED'),
    'conversation.media-changed': ofKind('MEDIA_CHANGED'),
    'conversation.changed': (event) => ofKind(kindOfChange[event.data.change])(event),
    'conversation.note-added': ofKind('NOTE_ADDED'),
    'conversation.regrouped': ofKind('REGROUPED'),
    'conversation.sla-warned': ofKind('SLA_WARNED'),
    'conversation.sla-breached': ofKind('SLA_BREACHED'),
    'conversation.sla-met': ofKind('SLA_MET'),
    'conversation.marks-changed': ofKind('MARKS_CHANGED'),
    'conversation.attribute-changed': ofKind('ATTRIBUTE_CHANGED'),
  },
  filter(args, { access }) {
    const conversationId = idIn<ConversationId>(args, 'conversationId');
    const kinds = wordsIn(args, 'kinds');
    const stores = access?.stores == null ? null : new Set(access.stores);
    // What else the role limits, the answer of the service says: it has no event that the caller may not see.
    return (facts) =>
      (stores === null || stores.has(facts.accountId)) &&
      (conversationId === null || facts.conversationId === conversationId) &&
      (kinds === null || kinds.includes(facts.kind));
  },
});
