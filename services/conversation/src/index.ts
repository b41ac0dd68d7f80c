export { createAgent, type NewPerson } from './agent/agent.commands.ts';
export { setupCodeOf } from './agent/setup-code.ts';
export { createWorkspace, hasWorkspaces } from './agent/workspace.commands.ts';
export { type ConversationOptions, type ConversationService, openConversation } from './app.ts';
