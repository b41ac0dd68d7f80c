import { runService } from '@crossdesk/service-kit';
import { openAnalytics } from './app.ts';
import { readConfig } from './config.ts';

await runService({ name: 'analytics', config: readConfig, open: openAnalytics });
