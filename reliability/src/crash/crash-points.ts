const consumers = ['analytics.inbox', 'automation.language', 'conversation.inbox', 'crm.links', 'ingest.replies'];
/** Consumers that only an erasure gives something to do. */
const erasing = ['crm.ledger', 'ingest.erasures'];
/** Services that publish; analytics has no events of its own yet. */
const publishers = ['automation', 'conversation', 'crm', 'ingest'];
/** Consumers of the topic that the load poisons. */
const poisoned = ['automation.language', 'conversation.inbox', 'crm.links'];

/**
 * Every crash point in every service that has it, armed at the n-th pass, as the environment names it. A poller that dies
 * keeps its place until its lease ends: its point comes first, while no other death has taken the places. The lost token
 * pair comes last, since its shop needs a person afterwards.
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
  ...erasing.flatMap((name) => [`batch-read@${name}:1`, `batch-applied@${name}:1`, `batch-committed@${name}:1`]),
  // Between two schemas: the ledger has the erasure and nobody has erased; ingest has and the others have not; all have but
  // the ledger does not know.
  ...['crm', 'conversation', 'ingest'].map((service) => `erasure-step-committed@${service}:1`),
  ...poisoned.map((name) => `event-parked@${name}:1`),
  ...[`send-claimed@ingest:2`, `call-answered@ingest:2`, `send-answered@ingest:2`, `delivery-saved@ingest:2`],
  ...[
    `audit-entry-written@conversation:3`,
    ...['ingest', 'crm', 'automation', 'analytics'].map((service) => `audit-entry-written@${service}:1`),
  ],
  `token-renewed@ingest:1`,
];

/** Half-way through the migrations of a schema: each needs a database that has none yet. */
export const migrationPoints: readonly string[] = [
  'broker',
  'ingest',
  'conversation',
  'crm',
  'automation',
  'analytics',
].map((schema) => `migration-applied@${schema}:1`);
