export { createAgent, type NewPerson } from './agent/agent.commands.ts';
export { setupCodeOf } from './workspace/setup-code.ts';
export { createWorkspace, hasWorkspaces } from './workspace/workspace.commands.ts';
export { type ConversationOptions, type ConversationService, openConversation } from './app.ts';
