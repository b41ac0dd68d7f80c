import { analysisResolvers } from './analysis/analysis.resolvers.ts';
import { reprocessResolvers } from './analysis/reprocess/reprocess.resolvers.ts';
import { assistantResolvers } from './assistant/assistant.resolvers.ts';
import type { Resolvers } from './graphql.generated.ts';
import { replyDraftResolvers } from './assistant/draft/reply-draft.resolvers.ts';
import { summaryResolvers } from './assistant/summary/summary.resolvers.ts';
import { decisionResolvers } from './decision/decision.resolvers.ts';
import { articleResolvers } from './knowledge/article/article.resolvers.ts';
import { lintResolvers } from './lint/lint.resolvers.ts';
import { gapResolvers } from './knowledge/gap/gap.resolvers.ts';
import { miningResolvers } from './knowledge/mining/mining.resolvers.ts';
import { answerResolvers } from './knowledge/retrieval/answer.resolvers.ts';
import { explainResolvers } from './explain/explain.resolvers.ts';
import { ruleResolvers } from './rule/rule.resolvers.ts';
import { ruleCheckResolvers } from './rule/rule-check.resolvers.ts';
import { ruleStatisticsResolvers } from './rule/statistics/statistics.resolvers.ts';
import { simulationResolvers } from './rule/simulation/simulation.resolvers.ts';
import { policyResolvers } from './policy/policy.resolvers.ts';
import { turnResolvers } from './turn/turn.resolvers.ts';
import { templateStatisticsResolvers } from './template/statistics/template-statistics.resolvers.ts';
import { suggestionResolvers } from './suggestion/suggestion.resolvers.ts';
import { templateResolvers } from './template/template.resolvers.ts';
import { glossaryResolvers } from './translation/glossary/glossary.resolvers.ts';
import { memoryResolvers } from './translation/memory/memory.resolvers.ts';
import { messageTranslationResolvers } from './translation/message/message-translation.resolvers.ts';
import { translationResolvers } from './translation/translation.resolvers.ts';

/** The resolvers of each room. */
export const resolvers: readonly Resolvers[] = [
  analysisResolvers,
  reprocessResolvers,
  assistantResolvers,
  replyDraftResolvers,
  summaryResolvers,
  decisionResolvers,
  explainResolvers,
  lintResolvers,
  ruleResolvers,
  ruleCheckResolvers,
  simulationResolvers,
  policyResolvers,
  turnResolvers,
  ruleStatisticsResolvers,
  templateResolvers,
  templateStatisticsResolvers,
  articleResolvers,
  answerResolvers,
  gapResolvers,
  miningResolvers,
  suggestionResolvers,
  translationResolvers,
  glossaryResolvers,
  memoryResolvers,
  messageTranslationResolvers,
];
