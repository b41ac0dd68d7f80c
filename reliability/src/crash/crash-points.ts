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
  `k20@ingest:3`,
  ...[`k1@ingest:20`, `k2@ingest:10`, `k3@ingest:10`, `k4@ingest:10`, `k5@ingest:20`],
  ...publishers.flatMap((service) => [`k6@${service}:3`, `k7@${service}:3`]),
  ...consumers.flatMap((name) => [`k8@${name}:3`, `k9@${name}:3`, `k10@${name}:3`]),
  ...erasing.flatMap((name) => [`k8@${name}:1`, `k9@${name}:1`, `k10@${name}:1`]),
  // Between two schemas: the ledger has the erasure and nobody has erased; ingest has and the others have not; all have but
  // the ledger does not know.
  ...['crm', 'conversation', 'ingest'].map((service) => `k19@${service}:1`),
  ...poisoned.map((name) => `k11@${name}:1`),
  ...[`k12@ingest:2`, `k13@ingest:2`, `k14@ingest:2`, `k15@ingest:2`],
  ...[`k18@conversation:3`, ...['ingest', 'crm', 'automation', 'analytics'].map((service) => `k18@${service}:1`)],
  `k16@ingest:1`,
];

/** Half-way through the migrations of a schema: each needs a database that has none yet. */
export const migrationPoints: readonly string[] = [
  'broker',
  'ingest',
  'conversation',
  'crm',
  'automation',
  'analytics',
].map((schema) => `k17@${schema}:1`);
