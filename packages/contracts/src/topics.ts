/** The services that have a subgraph, a schema in Postgres and topics of their own. */
export const serviceNames = ['ingest', 'conversation', 'crm', 'automation', 'analytics'] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface TopicSpec {
  readonly owner: ServiceName;
  readonly key: string;
  readonly partitions: number;
  readonly retentionDays: number;
  readonly personalData: boolean;
  readonly description: string;
}

/**
 * Every topic of the system. One topic per kind of aggregate, so that one key keeps one order whatever the event type.
 * Personal data only travels in topics kept for at most 30 days.
 */
export const topics = {
  'ingest.inbound': {
    owner: 'ingest',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: true,
    description: 'Messages as the platforms delivered them, normalised, with the ids every service uses',
  },
  'ingest.commerce': {
    owner: 'ingest',
    key: 'order id',
    partitions: 6,
    retentionDays: 30,
    personalData: true,
    description: 'Orders with items, recipient and shipments, a snapshot per change',
  },
  'ingest.delivery': {
    owner: 'ingest',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: false,
    description: 'What became of each outgoing message',
  },
  'ingest.account': {
    owner: 'ingest',
    key: 'channel account id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'Channel accounts: connected, changed, in need of a new authorisation',
  },
  'ingest.erasure': {
    owner: 'ingest',
    key: 'conversation id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'What ingest has erased of a conversation, in numbers of rows',
  },
  'conversation.conversation': {
    owner: 'conversation',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: true,
    description: 'The life of a conversation: messages added, states, assignment, delivery, links',
  },
  'conversation.agent': {
    owner: 'conversation',
    key: 'agent id',
    partitions: 2,
    retentionDays: 30,
    personalData: true,
    description: 'People who work in a workspace and their roles',
  },
  'conversation.erasure': {
    owner: 'conversation',
    key: 'conversation id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'What the conversation service has erased of a conversation, in numbers of rows',
  },
  'crm.link': {
    owner: 'crm',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: false,
    description: 'Which customer and which order a conversation is about, how sure that is and why',
  },
  'crm.erasure': {
    owner: 'crm',
    key: 'customer id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'Customers whose personal data is to be erased everywhere',
  },
  'automation.analysis': {
    owner: 'automation',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: false,
    description: 'What was found out about a message: its language',
  },
} as const satisfies Record<string, TopicSpec>;

export type TopicName = keyof typeof topics;
export const topicNames = Object.keys(topics).sort() as TopicName[];
