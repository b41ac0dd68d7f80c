import { setupCodeOf } from '@crossdesk/conversation';
import { checkAddresses, openProcessLog, runProcess } from '@crossdesk/service-kit';
import { createTwin } from '@crossdesk/twin';
import { askOverHttp } from './ask.ts';
import { readDemoConfig } from './config.ts';
import { connectShops } from './connect-shops.ts';
import { openFirstSeller } from './first-seller.ts';
import { loadArticles } from './load-articles.ts';
import { loadDesk } from './load-desk.ts';
import { loadPolicy } from './load-policy.ts';
import { loadRules } from './load-rules.ts';
import { loadServiceLevels } from './load-service-levels.ts';
import { loadTemplates } from './load-templates.ts';
import { lumina } from './sellers.ts';
import { showChanges } from './show-changes.ts';

/** Runs the simulated platforms as a separate process, with one seller, created only through the gateway. */
await runProcess(async () => {
  const config = readDemoConfig();
  const { keys, graphqlUrl, host, port, messagesPerMinute } = config;
  await checkAddresses([{ host, port, variable: 'TWIN_PORT' }]);
  const log = openProcessLog('demo', config);
  const twin = createTwin(config.twin);
  await twin.listen(port, host);
  const { adminToken } = await openFirstSeller({ graphqlUrl, setupCode: setupCodeOf(keys), seller: lumina });
  const askAsAdmin = askOverHttp(graphqlUrl, adminToken);
  await connectShops(askAsAdmin, twin, lumina);
  await loadTemplates(askAsAdmin);
  await loadRules(askAsAdmin);
  await loadArticles(askAsAdmin);
  await loadPolicy(askAsAdmin);
  await loadServiceLevels(askAsAdmin);
  await loadDesk(askAsAdmin, lumina.people);
  if (messagesPerMinute > 0) {
    showChanges(twin);
    twin.traffic.start({ perMinute: messagesPerMinute });
  }
  log.info({ messagesPerMinute, workspace: lumina.slug }, 'the demo seller is open');
  for (const { role, email, password } of lumina.people) console.log(`${role}: ${lumina.slug} ${email} ${password}`);
  return { log, stop: () => twin.close() };
});
