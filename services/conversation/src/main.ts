import { runService } from '@crossdesk/service-kit';
import { setupCodeOf } from './workspace/setup-code.ts';
import { mountTokenRoutes } from './workspace/token-routes.ts';
import { hasWorkspaces } from './workspace/seed.ts';
import { type ConversationService, openConversation } from './app.ts';
import { readConfig } from './config.ts';

await runService<ConversationService>({
  name: 'conversation',
  config: readConfig,
  open: (deps) =>
    openConversation(deps, { issuer: 'crossdesk', audience: 'crossdesk-api', setupCode: setupCodeOf(deps.keys) }),
  mount: mountTokenRoutes,
  onReady: async (service) => {
    if (await hasWorkspaces(service)) return;
    console.log(`There is no workspace yet. Create one with createWorkspace and the setup code ${service.setupCode}`);
  },
});
