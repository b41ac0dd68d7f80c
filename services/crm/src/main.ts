import { runService } from '@crossdesk/service-kit';
import { openCrm } from './app.ts';
import { readConfig } from './config.ts';

await runService({ name: 'crm', config: readConfig, open: openCrm });
