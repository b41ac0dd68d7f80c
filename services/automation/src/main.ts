import { runService } from '@crossdesk/service-kit';
import { openAutomation } from './app.ts';
import { readConfig } from './config.ts';

await runService({ name: 'automation', config: readConfig, open: openAutomation });
