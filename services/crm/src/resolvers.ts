import { moneyResolvers } from '@crossdesk/service-kit';
import { afterSalesResolvers } from './after-sales/after-sales.resolvers.ts';
import { analysisResolvers } from './analysis/analysis.resolvers.ts';
import { assistResolvers } from './assist/assist.resolvers.ts';
import { attributionResolvers } from './attribution/attribution.resolvers.ts';
import { campaignResolvers } from './campaign/campaign.resolvers.ts';
import { consentResolvers } from './consent/consent.resolvers.ts';
import { contactResolvers } from './contact/contact.resolvers.ts';
import { customerResolvers } from './customer/customer.resolvers.ts';
import { erasureResolvers } from './erasure/erasure.resolvers.ts';
import { feedbackResolvers } from './feedback/feedback.resolvers.ts';
import { followUpResolvers } from './follow-up/follow-up.resolvers.ts';
import { identityResolvers } from './identity/identity.resolvers.ts';
import { linkResolvers } from './link/link.resolvers.ts';
import { outreachResolvers } from './outreach/outreach.resolvers.ts';
import { qualityResolvers } from './quality/quality.resolvers.ts';
import { rateResolvers } from './value/rate/rate.resolvers.ts';
import { segmentResolvers } from './value/segment/segment.resolvers.ts';
import { stageNoticeResolvers } from './stage-notice/stage-notice.resolvers.ts';
import { surveyResolvers } from './survey/survey.resolvers.ts';
import { tagResolvers } from './value/tag/tag.resolvers.ts';
import { tierResolvers } from './value/tier/tier.resolvers.ts';
import { timelineResolvers } from './timeline/timeline.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';

/** The resolvers of each room. */
export const resolvers: readonly Resolvers[] = [
  afterSalesResolvers,
  analysisResolvers,
  assistResolvers,
  attributionResolvers,
  campaignResolvers,
  consentResolvers,
  contactResolvers,
  customerResolvers,
  erasureResolvers,
  feedbackResolvers,
  followUpResolvers,
  identityResolvers,
  linkResolvers,
  moneyResolvers,
  outreachResolvers,
  qualityResolvers,
  rateResolvers,
  segmentResolvers,
  stageNoticeResolvers,
  surveyResolvers,
  tagResolvers,
  tierResolvers,
  timelineResolvers,
];
