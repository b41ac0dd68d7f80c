import { expect, test } from '@jest/globals';
import { openToLimited as automation } from '@crossdesk/automation/open-to-limited';
import { openToLimited as conversation } from '@crossdesk/conversation/open-to-limited';
import { openToLimited as crm } from '@crossdesk/crm/open-to-limited';
import { readSupergraph } from '@crossdesk/gateway';
import { openToLimited as ingest } from '@crossdesk/ingest/open-to-limited';
import { permissionFor, permissionRules } from '@crossdesk/service-kit';
import { buildSchema } from 'graphql';

/** What concerns the whole workspace: a caller whose role is limited to a part of it gets FORBIDDEN (ADR 0087). */
const ofWorkspace = [
  // People, roles and tokens.
  'assignRole',
  'createAgent',
  'createApiToken',
  'createWorkspace',
  'deleteRole',
  'requireSecondFactor',
  'resetPassword',
  'resetSecondFactor',
  'revokeApiToken',
  'saveRole',
  'updateAgent',
  // How the work of people is arranged.
  'archiveTeam',
  'deleteCalendar',
  'publishRoster',
  'rebalanceQueue',
  'saveAttribute',
  'saveCalendar',
  'saveRouting',
  'saveSlaPolicy',
  'saveTeam',
  'setAgentCapacity',
  'setAgentSkills',
  'setLintRule',
  'setPlatformDeadline',
  'upsertConversationTag',
  // What a machine does and knows.
  'archiveArticle',
  'connectAssistant',
  'connectTranslationProvider',
  'createAutomationRule',
  'deleteAutomationRule',
  'deleteGlossaryTerm',
  'disconnectAssistant',
  'disconnectTranslationProvider',
  'draftArticleFromConversation',
  'importTranslationMemory',
  'publishArticle',
  'reorderAutomationRules',
  'reprocess',
  'setAutomationPolicy',
  'setAutomationRuleMode',
  'setTemplateEnabled',
  'setTranslationSettings',
  'settleKnowledgeGap',
  'simulateAutomationRules',
  'testAssistant',
  'updateAutomationRule',
  'upsertArticle',
  'upsertGlossaryTerm',
  'upsertTemplate',
  // Stores that are not there yet, addresses of others, and customers of all stores.
  'connectChannelAccount',
  'deleteWebhookEndpoint',
  'blockIdentityKey',
  'decideProposal',
  'eraseCustomer',
  'keepApart',
  'mergeCustomers',
  'unblockIdentityKey',
  'undoMerge',
  'recordConsent',
  'applyTierRun',
  'deleteSegment',
  'deleteTagRule',
  'recomputeSegments',
  'setFxRate',
  'upsertSegment',
  'upsertTagRule',
  'setStageNotice',
  'upsertCampaign',
  'launchCampaign',
  'pauseCampaign',
  'resumeCampaign',
  'cancelCampaign',
  'upsertSurveyPolicy',
  'registerChannelApp',
  'replayDeadLetters',
  'replayWebhooks',
  'rotateWebhookSecret',
  'saveWebhookEndpoint',
  'startChannelAuthorisation',
  'testWebhookEndpoint',
];

test('S2-7.1: every mutation is either open to callers with a limited role, or concerns the whole workspace', async () => {
  const schema = buildSchema(await readSupergraph(), { assumeValid: true });
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
  // Who looks at what is kept by the gateway, for as long as they look.
  const open = [...automation, ...conversation, ...crm, ...ingest, 'setPresence'];
  expect([...open, ...ofWorkspace].toSorted()).toEqual(mutations.toSorted());
});

test('every mutation of the whole workspace needs a permission, and each permission names mutations that exist', async () => {
  const schema = buildSchema(await readSupergraph(), { assumeValid: true });
  const named = permissionRules.flatMap(({ mutations }) => mutations);
  expect(new Set(named).size).toBe(named.length);
  const present = Object.keys(schema.getMutationType()?.getFields() ?? {});
  expect(named.filter((mutation) => !present.includes(mutation))).toEqual([]);
  const free = ofWorkspace.filter((mutation) => permissionFor(mutation) === null);
  // Nobody has a workspace before; what a buyer objects to is always recorded; parked events are replayed beside commands.
  expect(free.toSorted()).toEqual(['createWorkspace', 'recordConsent', 'replayDeadLetters']);
});
