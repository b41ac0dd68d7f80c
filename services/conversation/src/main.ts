import { deriveKey, runService } from '@crossdesk/service-kit';
import { mountTokenRoutes } from './agent/token-routes.ts';
import { hasWorkspaces } from './agent/workspace.commands.ts';
import { type ConversationService, openConversation } from './app.ts';
import { readConfig } from './config.ts';

await runService<ConversationService>({
  name: 'conversation',
  config: readConfig,
  // The setup code follows from the master secret, so that every process of an installation takes the same one.
  open: (deps) => {
    const setupCode = deriveKey(deps.master, 'conversation:setup-code').toString('hex').slice(0, 24);
    return openConversation(deps, { issuer: 'crossdesk', audience: 'crossdesk-api', setupCode });
  },
  mount: mountTokenRoutes,
  onReady: async (service) => {
    if (await hasWorkspaces(service)) return;
    console.log(`There is no workspace yet. Create one with createWorkspace and the setup code ${service.setupCode}`);
  },
});
