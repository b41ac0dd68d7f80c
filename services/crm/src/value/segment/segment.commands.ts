import type { WrittenCondition } from '@crossdesk/condition';
import { newId, type SegmentId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  refuseText,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { onlyLeads } from '../stats/only-leads.ts';
import { readCustomerCondition } from './customer-field.domain.ts';
import { deleteSegmentRow, lockSegments, type Segment, storeSegment } from './segment.store.ts';

const charactersMax = 80;
const segmentsMax = 200;

type Code = 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT';

export interface SegmentInput {
  /** Null: a new one. */
  readonly segmentId: SegmentId | null;
  readonly expectedVersion: number | null;
  readonly name: string;
  readonly condition: WrittenCondition;
}

/** Makes a segment, or replaces one. */
export async function saveSegment(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  { trx, actor }: CommandCall<DB>,
  input: SegmentInput,
): Promise<Outcome<Segment, Code>> {
  const by = agentOf(actor);
  if (by === null || !('role' in actor) || actor.role === 'agent') return onlyLeads;
  const { tenantId } = actor;
  const name = input.name.trim();
  const refusal = refuseText('name', name, charactersMax);
  if (refusal !== null) return refusal;
  const condition = readCustomerCondition(input.condition, ['input', 'condition']);
  if (!condition.ok) return condition;
  const segments = await lockSegments(trx, tenantId);
  const before = segments.find(({ id }) => id === input.segmentId) ?? null;
  if (input.segmentId !== null && before === null) return noSegment;
  if (before !== null && before.version !== input.expectedVersion)
    return refuse(
      'VERSION_CONFLICT',
      'expectedVersion',
      `The segment is at version ${before.version} now: read it again, then decide again.`,
    );
  if (before === null && segments.length >= segmentsMax)
    return refuse('INVALID_INPUT', null, `A workspace has at most ${segmentsMax} segments: delete one first.`);
  if (segments.some((one) => one.name === name && one.id !== before?.id))
    return refuse('INVALID_INPUT', 'name', 'Another segment has this name: choose another.');
  if (before !== null && before.name === name && JSON.stringify(before.condition) === JSON.stringify(condition.value))
    return unchanged(before);
  const segment: Segment = {
    ...{ tenantId, id: before?.id ?? newId<SegmentId>(), name, condition: condition.value },
    ...{ version: (before?.version ?? 0) + 1, updatedBy: by, updatedAt: clock.now() },
  };
  await storeSegment(trx, segment);
  return changed(segment, segment.id);
}

export async function deleteSegment(
  _: unknown,
  { trx, actor }: CommandCall<DB>,
  segmentId: SegmentId,
): Promise<Outcome<Segment, Code>> {
  if (!('role' in actor) || actor.role === 'agent') return onlyLeads;
  const segment = (await lockSegments(trx, actor.tenantId)).find(({ id }) => id === segmentId);
  if (segment === undefined) return noSegment;
  await deleteSegmentRow(trx, actor.tenantId, segmentId);
  return changed(segment, segmentId);
}

const noSegment = refuse('NOT_FOUND', 'segmentId', 'There is no segment with this id: take one from segments.');
