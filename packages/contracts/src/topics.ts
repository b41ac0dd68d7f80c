/** The services with their own subgraph, Postgres schema and topics. */
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
 * All topics of the system. There is one topic per kind of aggregate, so that all event types of a key have one order.
 * Personal data is only in topics that are kept for at most 30 days.
 */
export const topics = {
  'ingest.inbound': {
    owner: 'ingest',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: true,
    description: 'Messages from the platforms, normalised, with the ids that every service uses',
  },
  'ingest.commerce': {
    owner: 'ingest',
    key: 'order id',
    partitions: 6,
    retentionDays: 30,
    personalData: true,
    description: 'Orders with items, recipient and shipments, one snapshot per change',
  },
  'ingest.delivery': {
    owner: 'ingest',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: false,
    description: 'The delivery of each outgoing message',
  },
  'ingest.account': {
    owner: 'ingest',
    key: 'channel account id or webhook endpoint id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description:
      'Channel accounts: connected, changed, in need of a new authorisation; addresses that events are pushed to',
  },
  'ingest.feedback': {
    owner: 'ingest',
    key: 'id of the review or rating',
    partitions: 2,
    retentionDays: 30,
    personalData: true,
    description: 'Reviews and ratings as the platforms report them',
  },
  'ingest.erasure': {
    owner: 'ingest',
    key: 'conversation id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'The numbers of rows that ingest has erased for a conversation',
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
    key: 'id of the agent, the role, the setting or the workspace',
    partitions: 2,
    retentionDays: 30,
    personalData: true,
    description: 'People who work in a workspace and their roles, and what the workspace has set',
  },
  'conversation.erasure': {
    owner: 'conversation',
    key: 'conversation id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'The numbers of rows that the conversation service has erased for a conversation',
  },
  'conversation.case': {
    owner: 'conversation',
    key: 'case id',
    partitions: 6,
    retentionDays: 30,
    personalData: false,
    description:
      'The life of an after-sales case: opened, assigned, moved, linked, due, resolved; ids and closed words only',
  },
  'conversation.notification': {
    owner: 'conversation',
    key: 'notification id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'Of what people are told: ids only',
  },
  'conversation.work': {
    owner: 'conversation',
    key: 'bulk job id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'How far jobs are that do one thing in many conversations',
  },
  'crm.link': {
    owner: 'crm',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: false,
    description: 'The customer and the order of a conversation, with the confidence and the reason',
  },
  'crm.customer': {
    owner: 'crm',
    key: 'customer id',
    partitions: 6,
    retentionDays: 30,
    personalData: false,
    description: 'What becomes of customers and of what is to be done for them: ids and closed words only',
  },
  'crm.feedback': {
    owner: 'crm',
    key: 'id of the feedback or survey',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description:
      'What buyers think of goods and service, what they are asked, and what is done about it: ids and closed words only',
  },
  'crm.outreach': {
    owner: 'crm',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: true,
    description: 'Messages that buyers did not ask for: notices of the stage of an order, campaigns',
  },
  'crm.campaign': {
    owner: 'crm',
    key: 'campaign id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'Campaigns that were launched and that are over, with their numbers',
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
    description:
      'What messages say: language, intents, risks; whether they were translated; mood and priority of conversations',
  },
  'automation.decision': {
    owner: 'automation',
    key: 'conversation id',
    partitions: 6,
    retentionDays: 30,
    personalData: true,
    description: 'What a rule, the bot or a person with a template wants done in a conversation, and why',
  },
  'automation.erasure': {
    owner: 'automation',
    key: 'conversation id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'The numbers of rows that automation has erased for a conversation',
  },
  'automation.content': {
    owner: 'automation',
    key: 'id of the template, rule or assistant',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'What a workspace has prepared: message templates, automation rules, its assistant',
  },
  'automation.knowledge': {
    owner: 'automation',
    key: 'article id',
    partitions: 2,
    retentionDays: 30,
    personalData: false,
    description: 'What a workspace knows: articles written, published, put away, about to need a look',
  },
  'analytics.inbox': {
    owner: 'analytics',
    key: 'tenant id',
    partitions: 2,
    retentionDays: 3,
    personalData: false,
    description: 'That the numbers of the inbox are others, at most once a second for each workspace',
  },
} as const satisfies Record<string, TopicSpec>;

export type TopicName = keyof typeof topics;
export const topicNames = Object.keys(topics).sort() as TopicName[];
