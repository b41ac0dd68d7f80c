import type { AgentId, ConversationId, NoteId, RegroupingId, TenantId } from '@crossdesk/contracts';
import type { Member } from '../member/member.domain.ts';
import type { TagId } from '../tag/tag.domain.ts';
import type { StoredStanding } from './standing.domain.ts';

/** A conversation of a regrouping, as it was before it and was left by it. */
export interface Part {
  readonly conversationId: ConversationId;
  /** The regrouping before this one. */
  readonly previousId: RegroupingId | null;
  readonly before: StoredStanding;
  readonly after: StoredStanding;
}

export interface Mark {
  readonly agentId: AgentId;
  readonly seq: number;
}

/** What the conversation that took the others had before, of what it has together with them now. */
export interface Work {
  readonly hadName: boolean;
  readonly tagIds: readonly TagId[];
  readonly members: readonly Pick<Member, 'agentId' | 'role'>[];
  readonly marks: readonly Mark[];
}

/** What came from a conversation that was merged. Its tags, members and marks stay with it as well. */
export interface MergedPart extends Part {
  readonly segmentIds: readonly string[];
  readonly noteIds: readonly NoteId[];
  readonly drafts: readonly { readonly agentId: AgentId; readonly version: number }[];
}

/** A part of a segment that became a segment of its own. */
export interface Cut {
  readonly fromId: string;
  readonly madeId: string;
}

export interface MergeDetails {
  readonly kind: 'merge';
  readonly into: Part & { readonly work: Work };
  readonly from: readonly MergedPart[];
}

export interface SplitDetails {
  readonly kind: 'split';
  readonly from: Part;
  readonly made: Pick<Part, 'conversationId' | 'after'>;
  readonly cuts: readonly Cut[];
}

export type RegroupingDetails = MergeDetails | SplitDetails;

/** What somebody merged or split. */
export interface Regrouping<Details extends RegroupingDetails = RegroupingDetails> {
  readonly tenantId: TenantId;
  readonly id: RegroupingId;
  /** The conversation that the others went into, or came from. */
  readonly conversationId: ConversationId;
  readonly otherIds: readonly ConversationId[];
  readonly reason: string;
  /** Null: a program without a person did it. */
  readonly agentId: AgentId | null;
  readonly at: Date;
  readonly details: Details;
  readonly undoneAt: Date | null;
  readonly undoneBy: AgentId | null;
}
