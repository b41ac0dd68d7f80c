import type { Condition as ConditionOn, Leaf as LeafOn } from '@crossdesk/condition';
import type { FieldName } from './field.domain.ts';

export type Leaf = LeafOn<FieldName>;
/** A rule whose condition is UNKNOWN does nothing. */
export type Condition = ConditionOn<FieldName>;
