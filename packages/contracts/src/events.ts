import type { Static } from '@sinclair/typebox';
import type { Envelope } from './envelope.ts';
import * as analytics from './events/analytics.ts';
import * as automationAnalysis from './events/automation-analysis.ts';
import * as automationContent from './events/automation-content.ts';
import * as automationDecision from './events/automation-decision.ts';
import * as afterSales from './events/after-sales.ts';
import * as conversation from './events/conversation.ts';
import * as conversationTeam from './events/conversation-team.ts';
import * as crm from './events/crm.ts';
import * as crmAttribution from './events/crm-attribution.ts';
import * as crmFeedback from './events/crm-feedback.ts';
import * as crmCampaign from './events/crm-campaign.ts';
import * as crmFollowUp from './events/crm-follow-up.ts';
import * as crmIdentity from './events/crm-identity.ts';
import * as crmOutreach from './events/crm-outreach.ts';
import * as crmValue from './events/crm-value.ts';
import * as ingest from './events/ingest.ts';
import * as serviceLevel from './events/service-level.ts';
import type { TopicName } from './topics.ts';

type ExportOf<Module> = Module[keyof Module];
type Exported =
  | ExportOf<typeof analytics>
  | ExportOf<typeof afterSales>
  | ExportOf<typeof automationAnalysis>
  | ExportOf<typeof automationContent>
  | ExportOf<typeof automationDecision>
  | ExportOf<typeof conversation>
  | ExportOf<typeof conversationTeam>
  | ExportOf<typeof crm>
  | ExportOf<typeof crmAttribution>
  | ExportOf<typeof crmFeedback>
  | ExportOf<typeof crmCampaign>
  | ExportOf<typeof crmFollowUp>
  | ExportOf<typeof crmIdentity>
  | ExportOf<typeof crmOutreach>
  | ExportOf<typeof crmValue>
  | ExportOf<typeof ingest>
  | ExportOf<typeof serviceLevel>;
type Definition = Extract<Exported, { readonly type: string; readonly topic: TopicName }>;

/** All event types: every definition that a file of `events/` exports. */
export const eventDefinitions: readonly Definition[] = [
  ingest,
  conversation,
  conversationTeam,
  serviceLevel,
  afterSales,
  crm,
  crmAttribution,
  crmFeedback,
  crmCampaign,
  crmFollowUp,
  crmIdentity,
  crmOutreach,
  crmValue,
  automationAnalysis,
  automationDecision,
  automationContent,
  analytics,
]
  .flatMap((module): Exported[] => Object.values(module))
  .filter(isDefinition);

export type EventType = Definition['type'];
export type EventData<T extends EventType> = Static<Extract<Definition, { type: T }>['data']>;
export type EventOf<T extends EventType> = { [K in T]: Envelope<K, EventData<K>> }[T];
export type AnyEvent = EventOf<EventType>;

function isDefinition(exported: Exported): exported is Definition {
  return 'topic' in exported;
}
