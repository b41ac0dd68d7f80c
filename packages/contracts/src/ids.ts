import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Branded<'TenantId'>;
export type EventId = Branded<'EventId'>;
export type AgentId = Branded<'AgentId'>;
export type RoleId = Branded<'RoleId'>;
export type SessionId = Branded<'SessionId'>;
export type TeamId = Branded<'TeamId'>;
export type ChannelAccountId = Branded<'ChannelAccountId'>;
export type ConversationId = Branded<'ConversationId'>;
export type MessageId = Branded<'MessageId'>;
export type NoteId = Branded<'NoteId'>;
export type UploadId = Branded<'UploadId'>;
export type CustomerId = Branded<'CustomerId'>;
export type OrderId = Branded<'OrderId'>;
export type ErasureId = Branded<'ErasureId'>;
export type RuleId = Branded<'RuleId'>;
export type DecisionId = Branded<'DecisionId'>;
export type TemplateId = Branded<'TemplateId'>;
export type TemplateVariantId = Branded<'TemplateVariantId'>;
export type ArticleId = Branded<'ArticleId'>;
export type CalendarId = Branded<'CalendarId'>;
export type SlaPolicyId = Branded<'SlaPolicyId'>;
export type SurveyPolicyId = Branded<'SurveyPolicyId'>;
export type ShiftId = Branded<'ShiftId'>;
export type BulkJobId = Branded<'BulkJobId'>;
export type WebhookEndpointId = Branded<'WebhookEndpointId'>;
export type MacroId = Branded<'MacroId'>;
export type MacroRunId = Branded<'MacroRunId'>;
export type NotificationId = Branded<'NotificationId'>;
export type CaseId = Branded<'CaseId'>;
export type RegroupingId = Branded<'RegroupingId'>;
export type FollowUpId = Branded<'FollowUpId'>;
export type TagRuleId = Branded<'TagRuleId'>;
export type SegmentId = Branded<'SegmentId'>;
export type CampaignId = Branded<'CampaignId'>;
export type MergeDecisionId = Branded<'MergeDecisionId'>;
export type MergeProposalId = Branded<'MergeProposalId'>;
export type TierRunId = Branded<'TierRunId'>;
export type FeedbackId = Branded<'FeedbackId'>;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** True for a lower-case RFC 9562 uuid, the only spelling in the log and the database. */
export function isUuid(value: string): boolean {
  return uuidPattern.test(value);
}

// Drawn for many ids at once: a system call for the random part of each id costs five times as much as everything else.
const randomBytes = new Uint8Array(4_096);
const randomView = new DataView(randomBytes.buffer);
let drawnBytes = randomBytes.length;
let lastMs = 0;
let sequence = 0;

/**
 * A new id: UUIDv7, so that primary keys grow with time and monthly partitions can be cut by id. It is greater than all
 * ids made before in this process: ids of the same millisecond keep their order.
 */
export function newId<Id extends string>(): Id {
  const random = drawRandom();
  const now = Date.now();
  sequence = now > lastMs ? firstSequence(random) : sequence + 1;
  lastMs = Math.max(now, lastMs);
  return v7({ random, msecs: lastMs, seq: sequence }) as Id;
}

/** New ids of one millisecond, each greater than the one before, for an order that a row decides and not a clock. */
export function idsAt<Id extends string>(ms: number): () => Id {
  let next = firstSequence(drawRandom());
  return () => {
    next += 1;
    return v7({ random: drawRandom(), msecs: ms, seq: next }) as Id;
  };
}

function drawRandom(): Uint8Array {
  if (drawnBytes === randomBytes.length) {
    randomFillSync(randomBytes);
    drawnBytes = 0;
  }
  drawnBytes += 16;
  return randomBytes.subarray(drawnBytes - 16, drawnBytes);
}

/** A start value of 31 bits leaves room for two thousand million ids in one millisecond. */
function firstSequence(random: Uint8Array): number {
  return randomView.getUint32(random.byteOffset) >>> 1;
}

/** A predecessor that was further ahead than this is not followed: its clock was wrong, not ours. */
const followMsMax = 3_600_000;

/**
 * From now on every new id is greater than this one. A process that starts with its clock behind continues after its
 * predecessor: if a platform has no sequence, ids decide which message of one instant came first.
 */
export function continueIdsAfter(last: string): void {
  const lastIdMs = Number.parseInt(`${last.slice(0, 8)}${last.slice(9, 13)}`, 16);
  // The sequence of that millisecond is unknown, so ids continue in the next one, which nobody has used.
  if (lastIdMs >= lastMs && lastIdMs - Date.now() < followMsMax) lastMs = lastIdMs + 1;
}

/**
 * Decodes an id that comes from outside. Returns null for anything that is not a uuid, so that a malformed id
 * behaves like an absent one.
 */
export function parseId<Id extends string>(value: string): Id | null {
  const lower = value.toLowerCase();
  return isUuid(lower) ? (lower as Id) : null;
}

/** The first UUIDv7 of an instant: the boundary of a monthly partition. */
export function firstIdAt(instant: Date): string {
  const hex = instant.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
