export { setupCodeOf } from './workspace/setup-code.ts';
export { createAgent, createWorkspace, hasWorkspaces } from './workspace/seed.ts';
export { type ConversationOptions, type ConversationService, openConversation } from './app.ts';
export { rebuildSearchIndex } from './search/rebuild-index.ts';
