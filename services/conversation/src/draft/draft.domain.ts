import type { AgentId, ConversationId, TenantId } from '@crossdesk/contracts';
import { refuse, type Refused } from '@crossdesk/service-kit/decision';

/** What an agent has begun to write in a conversation, and the content_version that they knew. */
export interface Draft {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly agentId: AgentId;
  readonly text: string;
  readonly basis: number;
  /** Colleagues may read it: its author shared it, or handed the conversation over. */
  readonly isShared: boolean;
  /** Grows with each saving: several windows of an agent do not overwrite each other unseen. */
  readonly version: number;
  readonly savedAt: Date;
}

const draftCharactersMax = 20_000;

export function refuseDraft(
  { text, expectedVersion }: { readonly text: string; readonly expectedVersion: number },
  present: Draft | null,
): Refused<'INVALID_INPUT' | 'VERSION_CONFLICT'> | null {
  if (text.length > draftCharactersMax) {
    const message = `text has ${text.length} characters; at most ${draftCharactersMax} are allowed.`;
    return refuse('INVALID_INPUT', 'text', message);
  }
  const version = present?.version ?? 0;
  if (version === expectedVersion) return null;
  const message = `The draft is at version ${version} now: read it again, then decide again.`;
  return refuse('VERSION_CONFLICT', 'expectedVersion', message);
}
