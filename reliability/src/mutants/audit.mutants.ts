import type { Mutant } from './mutant.port.ts';

const sendMessage = 'services/conversation/src/message/send-message.commands.ts';

/** Faults between a mutation and its entry on the audit chain. */
export const auditMutants: readonly Mutant[] = [
  {
    // The lock alone, or the key alone, keeps a number from being given twice.
    name: 'the end of an audit chain is read before the work and never locked',
    edits: [
      {
        file: 'packages/service-kit/src/audit/audit.store.ts',
        find: `where tenant_id = \${tenantId} for update)`,
        replace: `where tenant_id = \${tenantId})`,
      },
      {
        file: 'packages/service-kit/src/audit/audit.ts',
        find: `      const result = await work(`,
        replace: `      const { head, at } = await lockHead(trx, signedIn(request).tenantId);\n      const result = await work(`,
      },
      {
        file: 'packages/service-kit/src/audit/audit.ts',
        find: `      if (targetId === undefined) return result;\n      const { head, at } = await lockHead(trx, signedIn(request).tenantId);\n`,
        replace: `      if (targetId === undefined) return result;\n`,
      },
      {
        file: 'packages/service-kit/migrations/0003_audit.sql',
        find: `  hash          bytea not null,\n  primary key (tenant_id, seq)\n`,
        replace: `  hash          bytea not null\n`,
      },
    ],
    caughtBy: { by: 'load', load: 'contended', check: 'I11' },
  },
  {
    name: 'the audit entry of a reply has a transaction of its own',
    edits: [
      {
        file: sendMessage,
        find: `  const mutation = deps.audit.mutation<DB, Outcome<Message>>(request, 'sendMessage', async (trx, done) => {\n`,
        replace: `  const made: string[] = [];
  const done = (id: string) => made.push(id);
  const mutation = Object.assign(async (trx: Transaction<DB>): Promise<Outcome<Message>> => {\n`,
      },
      {
        file: sendMessage,
        find: `  const outcome = await deps.db.forTenant(tenantId, mutation);\n`,
        replace: `  const outcome = await deps.db.forTenant(tenantId, mutation);
  for (const id of made)
    await deps.db.forTenant(tenantId, deps.audit.mutation(request, 'sendMessage', async (_trx, later) => later(id)));\n`,
      },
    ],
    caughtBy: { by: 'crash', at: ['audit-entry-written@conversation:3'], check: 'I11' },
  },
];
