const consumers = [
  ...['analytics.inbox', 'automation.conversations', 'automation.language'],
  ...['automation.rules', 'conversation.customers', 'conversation.decisions', 'conversation.inbox'],
  ...[
    'conversation.notify',
    'conversation.search',
    'conversation.understanding',
    'crm.feedback',
    'crm.links',
    'crm.outreach',
    'ingest.replies',
  ],
];
/** Consumers that have work only after an erasure. */
const erasing = ['crm.ledger', 'ingest.erasures'];
/** Services that publish events. */
const publishers = ['analytics', 'automation', 'conversation', 'crm', 'ingest'];
/** Consumers of the topic to which the load publishes records that cannot be read. */
const poisoned = ['automation.language', 'conversation.inbox', 'crm.links'];

/**
 * Every crash point in every service that has it, armed at the n-th pass, as the environment variable names it. The order
 * matters: a poller that dies keeps its turn until its lease ends, so its point comes first, before other crashes have taken
 * all turns. The point that loses a pair of tokens comes last, because a person has to authorise the shop again afterwards.
 */
export const crashPoints: readonly string[] = [
  `poll-turn-ended@ingest:3`,
  ...[
    `webhook-received@ingest:20`,
    `webhook-verified@ingest:10`,
    `webhook-stored@ingest:10`,
    `webhook-committed@ingest:10`,
    `webhook-answered@ingest:20`,
  ],
  ...publishers.flatMap((service) => [`outbox-read@${service}:3`, `events-published@${service}:3`]),
  ...consumers.flatMap((name) => [`batch-read@${name}:3`, `batch-applied@${name}:3`, `batch-committed@${name}:3`]),
  // Without an address that wants them, and while nobody leaves the workspace, events are read and skipped.
  ...[`batch-read@ingest.webhooks:3`, `batch-committed@ingest.webhooks:3`],
  ...[`batch-read@conversation.cases:1`, `batch-committed@conversation.cases:1`],
  ...erasing.flatMap((name) => [`batch-read@${name}:1`, `batch-applied@${name}:1`, `batch-committed@${name}:1`]),
  ...['read', 'applied', 'committed'].map((step) => `batch-${step}@conversation.feedback:1`),
  // Between two services: the ledger has the erasure and no service has erased; only ingest has; all have, but the ledger does
  // not know.
  ...['crm', 'conversation', 'ingest'].map((service) => `erasure-step-committed@${service}:1`),
  ...poisoned.map((name) => `event-parked@${name}:1`),
  ...[`send-claimed@ingest:2`, `call-answered@ingest:2`, `send-answered@ingest:2`, `delivery-saved@ingest:2`],
  ...[
    `audit-entry-written@conversation:3`,
    ...['ingest', 'crm', 'automation', 'analytics'].map((service) => `audit-entry-written@${service}:1`),
  ],
  `token-renewed@ingest:1`,
];

/** In the middle of the migrations of each schema. Each needs a database without migrations. */
export const migrationPoints: readonly string[] = [
  'broker',
  'ingest',
  'conversation',
  'crm',
  'automation',
  'analytics',
].map((schema) => `migration-applied@${schema}:1`);
