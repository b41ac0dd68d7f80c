import type { Permission } from './permission.port.ts';

/**
 * What a custom role can withhold, and the mutations that need it (ADR 0104). What is in no list needs none: it is
 * somebody's own, or the daily work that their built-in role is for.
 */
const mutationsOf = {
  reply: ['approveTranslation', 'sendMessage', 'sendTemplate', 'settleSuggestion'],
  'assign-others': ['assignCase', 'assignConversation', 'rebalanceQueue', 'transferConversation'],
  bulk: ['controlBulkJob', 'createBulkJob'],
  regroup: [
    ...['blockIdentityKey', 'decideProposal', 'keepApart', 'mergeConversations', 'mergeCustomers', 'splitConversation'],
    ...['unblockIdentityKey', 'undoMerge', 'undoRegrouping'],
  ],
  'manage-people': [
    ...['assignRole', 'createAgent', 'createApiToken', 'deleteRole', 'requireSecondFactor', 'resetPassword'],
    ...['resetSecondFactor', 'revokeApiToken', 'saveRole', 'updateAgent'],
  ],
  'manage-work': [
    ...['archiveTeam', 'deleteCalendar', 'publishRoster', 'saveAttribute', 'saveCalendar', 'saveRouting'],
    ...['saveSlaPolicy', 'saveTeam', 'setAgentCapacity', 'setAgentSkills', 'setLintRule', 'setPlatformDeadline'],
    'upsertConversationTag',
  ],
  'manage-automation': [
    ...['connectAssistant', 'connectTranslationProvider', 'createAutomationRule', 'deleteAutomationRule'],
    ...['disconnectAssistant', 'disconnectTranslationProvider', 'reorderAutomationRules', 'reprocess'],
    ...['applyTierRun', 'deleteSegment', 'deleteTagRule', 'recomputeSegments', 'setFxRate', 'upsertSegment'],
    'upsertTagRule',
    ...['setAutomationPolicy', 'setAutomationRuleMode', 'setTranslationSettings', 'simulateAutomationRules'],
    ...['setStageNotice', 'testAssistant', 'updateAutomationRule', 'upsertSurveyPolicy'],
    ...['cancelCampaign', 'launchCampaign', 'pauseCampaign', 'resumeCampaign', 'upsertCampaign'],
  ],
  'manage-texts': [
    ...['archiveArticle', 'deleteGlossaryTerm', 'draftArticleFromConversation', 'importTranslationMemory'],
    ...['publishArticle', 'setTemplateEnabled', 'settleKnowledgeGap', 'upsertArticle', 'upsertGlossaryTerm'],
    'upsertTemplate',
  ],
  'manage-stores': [
    ...['connectChannelAccount', 'disableChannelAccount', 'discardParkedWebhook', 'registerChannelApp'],
    ...['replayParkedWebhook', 'resync', 'setStoreHoliday', 'setSyncFrequency'],
    ...['startChannelAuthorisation', 'syncChannelAccount'],
  ],
  'manage-webhooks': [
    ...['deleteWebhookEndpoint', 'replayWebhooks', 'rotateWebhookSecret', 'saveWebhookEndpoint'],
    'testWebhookEndpoint',
  ],
  'erase-customers': ['eraseCustomer'],
} as const satisfies Readonly<Record<Permission, readonly string[]>>;

/** All permissions with the mutations that need them, in the order in which they are shown. */
export const permissionRules: readonly { readonly permission: Permission; readonly mutations: readonly string[] }[] = [
  { permission: 'reply', mutations: mutationsOf.reply },
  { permission: 'assign-others', mutations: mutationsOf['assign-others'] },
  { permission: 'bulk', mutations: mutationsOf.bulk },
  { permission: 'regroup', mutations: mutationsOf.regroup },
  { permission: 'manage-people', mutations: mutationsOf['manage-people'] },
  { permission: 'manage-work', mutations: mutationsOf['manage-work'] },
  { permission: 'manage-automation', mutations: mutationsOf['manage-automation'] },
  { permission: 'manage-texts', mutations: mutationsOf['manage-texts'] },
  { permission: 'manage-stores', mutations: mutationsOf['manage-stores'] },
  { permission: 'manage-webhooks', mutations: mutationsOf['manage-webhooks'] },
  { permission: 'erase-customers', mutations: mutationsOf['erase-customers'] },
];

export const permissions: readonly Permission[] = permissionRules.map(({ permission }) => permission);

/** The permission that a mutation needs; null: none. */
export function permissionFor(mutation: string): Permission | null {
  return permissionRules.find(({ mutations }) => mutations.includes(mutation))?.permission ?? null;
}
