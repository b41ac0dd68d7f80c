import { runProcess } from '@crossdesk/service-kit';
import { readStandaloneConfig } from './config.ts';
import { startDemo } from './demo.ts';
import { askForFirstAdmin } from './first-admin.ts';
import { startStandalone } from './standalone.ts';
import { say, sayDemo, sayReady, sayUnknown } from './words.ts';

await runProcess(async () => {
  const startedAt = performance.now();
  const config = readStandaloneConfig();
  sayUnknown(config.unknownVariables);
  const standalone = await startStandalone(config, say);
  const demo = config.isDemo ? await startDemo(config, standalone, say) : null;
  const tookMs = performance.now() - startedAt;
  return {
    log: standalone.log,
    announce: async () => {
      sayReady(standalone, tookMs);
      if (demo !== null) sayDemo(demo);
      else await askForFirstAdmin(standalone);
    },
    stop: async (deadlineMs) => {
      say('stopping: finishing work in progress');
      await demo?.stop();
      await standalone.stop(deadlineMs);
      say('stopped');
    },
  };
});
