/**
 * What callers may do whose custom role limits them to a part of the workspace (ADR 0087): work inside conversations
 * and for customers that they see. Every other mutation concerns the whole workspace.
 */
export const openToLimited: readonly string[] = [
  'relinkConversations',
  'cancelFollowUp',
  'completeFollowUp',
  'createFollowUp',
  'snoozeFollowUp',
  'tagCustomer',
  'untagCustomer',
  'classifyFeedback',
  'confirmFeedback',
  'recordFeedback',
  'settleFeedback',
];
