import { moneyResolvers } from '@crossdesk/service-kit';
import { accessResolvers } from './access/access.resolvers.ts';
import { agentResolvers } from './agent/agent.resolvers.ts';
import { attributeResolvers } from './attribute/attribute.resolvers.ts';
import { calendarResolvers } from './calendar/calendar.resolvers.ts';
import { bulkResolvers } from './bulk/bulk.resolvers.ts';
import { caseResolvers } from './case/case.resolvers.ts';
import { caseEntryResolvers } from './case/case-entry.resolvers.ts';
import { conversationResolvers } from './conversation/conversation.resolvers.ts';
import { customerMarkResolvers } from './customer-mark/customer-mark.resolvers.ts';
import { dutyResolvers } from './duty/duty.resolvers.ts';
import { enquiryResolvers } from './enquiry/enquiry.resolvers.ts';
import { draftResolvers } from './draft/draft.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { inboxEventResolvers } from './inbox-event/inbox-event.resolvers.ts';
import { lintResolvers } from './lint/lint.resolvers.ts';
import { memberResolvers } from './member/member.resolvers.ts';
import { mergeResolvers } from './merge/merge.resolvers.ts';
import { macroResolvers } from './macro/macro.resolvers.ts';
import { markResolvers } from './mark/mark.resolvers.ts';
import { messageResolvers } from './message/message.resolvers.ts';
import { noteResolvers } from './note/note.resolvers.ts';
import { notificationResolvers } from './notification/notification.resolvers.ts';
import { phaseResolvers } from './phase/phase.resolvers.ts';
import { secondFactorResolvers } from './second-factor/second-factor.resolvers.ts';
import { sessionResolvers } from './agent/session.resolvers.ts';
import { searchResolvers } from './search/search.resolvers.ts';
import { readMarkResolvers } from './read-mark/read-mark.resolvers.ts';
import { rosterResolvers } from './roster/roster.resolvers.ts';
import { slaResolvers } from './sla/sla.resolvers.ts';
import { tagResolvers } from './tag/tag.resolvers.ts';
import { workActionResolvers } from './work-action/work-action.resolvers.ts';
import { timelineResolvers } from './activity/timeline.resolvers.ts';
import { transferResolvers } from './transfer/transfer.resolvers.ts';
import { routingResolvers } from './routing/routing.resolvers.ts';
import { teamResolvers } from './team/team.resolvers.ts';
import { viewResolvers } from './view/view.resolvers.ts';
import { workspaceResolvers } from './workspace/workspace.resolvers.ts';

/** The resolvers of each room. */
export const resolvers: readonly Resolvers<GraphqlContext>[] = [
  accessResolvers,
  agentResolvers,
  attributeResolvers,
  calendarResolvers,
  bulkResolvers,
  caseResolvers,
  caseEntryResolvers,
  conversationResolvers,
  customerMarkResolvers,
  dutyResolvers,
  enquiryResolvers,
  draftResolvers,
  inboxEventResolvers,
  lintResolvers,
  memberResolvers,
  mergeResolvers,
  macroResolvers,
  markResolvers,
  messageResolvers,
  moneyResolvers,
  noteResolvers,
  notificationResolvers,
  phaseResolvers,
  searchResolvers,
  secondFactorResolvers,
  sessionResolvers,
  readMarkResolvers,
  rosterResolvers,
  slaResolvers,
  tagResolvers,
  workActionResolvers,
  timelineResolvers,
  transferResolvers,
  routingResolvers,
  teamResolvers,
  viewResolvers,
  workspaceResolvers,
];
