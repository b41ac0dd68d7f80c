import type { EventId, TenantId, TopicName } from '@crossdesk/contracts';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type * as table from './db.generated.ts';

/**
 * A generated table type with the id types and closed sets of values that keys and check constraints guarantee for some
 * columns.
 */
export type Narrowed<Table, Columns extends Partial<Record<keyof Table, unknown>>> = Omit<Table, keyof Columns> &
  Columns;

/** The tables that the schema of every service has. */
export interface KitTables {
  audit_entry: Narrowed<table.AuditEntryTable, { actor_kind: 'agent' | 'api-token' | 'automation' | 'system' }>;
  audit_head: table.AuditHeadTable;
  client_request: Narrowed<table.ClientRequestTable, { tenant_id: TenantId }>;
  consumed_event: Narrowed<table.ConsumedEventTable, { event_id: EventId }>;
  dead_letter: Narrowed<table.DeadLetterTable, { tenant_id: TenantId | null }>;
  outbox_event: Narrowed<table.OutboxEventTable, { tenant_id: TenantId; event_id: EventId; topic: TopicName }>;
  retired_audit_key: table.RetiredAuditKeyTable;
}

/** A row of a table of the kit. */
export type KitRow<Name extends keyof KitTables> = Selectable<KitTables[Name]>;

/** The same transaction, with the tables of the kit instead of those of its service: the schema has both. */
export function kitTables<Tables>(trx: Transaction<Tables>): Kysely<KitTables> {
  return trx as unknown as Kysely<KitTables>;
}
