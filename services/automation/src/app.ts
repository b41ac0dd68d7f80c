import { join } from 'node:path';
import {
  addDueWork,
  createLoaders,
  createServiceSubgraph,
  type OpenedService,
  openService,
  sealingKeyOf,
  type ServiceDeps,
} from '@crossdesk/service-kit';
import { startClassifier } from './assistant/classify/classifier.ts';
import { createBackground } from './assistant/background.ts';
import { loadAssistantUse } from './assistant/assistant.loaders.ts';
import { loadAnalyses, loadConversations } from './analysis/analysis.loaders.ts';
import { startReprocessor } from './analysis/reprocess/reprocessor.ts';
import { conversationsConsumer } from './consumers/conversations.consumer.ts';
import { onMessageReceived } from './consumers/on-message-received.ts';
import { rulesConsumer } from './consumers/rules.consumer.ts';
import type { DB } from './db.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { tellExpiring } from './knowledge/article/tell-expiring.ts';
import { createIndexCache } from './knowledge/retrieval/index-cache.ts';
import { openToLimited } from './open-to-limited.ts';
import { resolvers } from './resolvers.ts';
import { forgetOld } from './forget-old.ts';
import { startSimulator } from './rule/simulation/simulator.ts';
import { measureTimers, startTimers } from './rule/timer/timer-worker.ts';
import { createBreaker } from './engine/breaker.ts';
import { createEngineClient } from './engine/engine-client.ts';
import { startTurns } from './turn/turn-worker.ts';
import { loadMessageTranslations } from './translation/message/message-translation.loaders.ts';
import { startTranslator } from './translation/message/translator.ts';
import { loadProviderUsage } from './translation/provider/provider.loaders.ts';

export type AutomationService = OpenedService<DB>;

export interface AutomationOptions {
  /** Allows translation engines with addresses of this machine or network. */
  readonly allowPrivateAddresses: boolean;
}

const engineTimeoutMs = 4_000;
/** A model that streams begins soon, also with a long answer. */
const modelTimeouts = { firstByteTimeoutMs: 20_000, timeoutMs: 60_000 };

/** Opens the service: its database is ready, its consumer runs from `start` on. */
export async function openAutomation(
  deps: ServiceDeps,
  { allowPrivateAddresses }: AutomationOptions = { allowPrivateAddresses: false },
): Promise<AutomationService> {
  const migrationsDirectory = join(import.meta.dirname, '../migrations');
  const runtime = await openService<DB>(deps, { service: 'automation', migrationsDirectory, openToLimited });
  runRules(runtime);
  runtime.addJob({ name: 'forget', cron: '41 3 * * *', run: () => forgetOld(runtime) });
  runtime.addJob({ name: 'tell expiring articles', cron: '7 * * * *', run: () => tellExpiring(runtime) });
  const client = createEngineClient({
    firstByteTimeoutMs: engineTimeoutMs,
    timeoutMs: engineTimeoutMs,
    allowPrivateAddresses,
  });
  const sealingKey = sealingKeyOf(deps.keys, 'automation');
  const breaker = createBreaker(deps.clock);
  const modelClient = createEngineClient({ ...modelTimeouts, allowPrivateAddresses });
  const assistant = { runtime, client: modelClient, sealingKey, breaker };
  const translation = { deps: { runtime, client, sealingKey, breaker, assistant }, allowPrivateAddresses };
  const background = createBackground(runtime.log);
  runtime.addPart(() => background);
  const nudgeTranslator = addDueWork(runtime, () => startTranslator(translation.deps));
  runtime.consume(onMessageReceived({ ...runtime, nudgeTranslator }));
  const nudgeSimulator = addDueWork(runtime, () => startSimulator(runtime));
  const nudgeReprocessor = addDueWork(runtime, () => startReprocessor(runtime));
  const nudgeClassifier = addDueWork(runtime, () => startClassifier(assistant));
  const knowledge = { db: runtime.db, clock: deps.clock, indexOf: createIndexCache(runtime.db) };
  const subgraph = createServiceSubgraph<DB, GraphqlContext>(runtime, {
    folder: join(import.meta.dirname, '..'),
    resolvers,
    context: (request) => ({
      request,
      app: {
        runtime,
        translation,
        assistant,
        background,
        knowledge,
        nudgeTranslator,
        nudgeSimulator,
        nudgeReprocessor,
        nudgeClassifier,
      },
      analyses: loadAnalyses(runtime, request),
      conversations: loadConversations(runtime, request),
      loaders: createLoaders(runtime, request),
      assistantUse: loadAssistantUse(runtime, request),
      providerUsage: loadProviderUsage(runtime, request),
      messageTranslations: loadMessageTranslations(runtime, request),
    }),
  });
  return {
    runtime,
    subgraph,
    start: runtime.start,
    async stop(deadlineMs) {
      await runtime.stop(deadlineMs);
      await client.close();
      await modelClient.close();
    },
  };
}

/** Follows the conversations, evaluates rules, and answers turns and looks at timers when they are due. */
function runRules(runtime: AutomationService['runtime']): void {
  const nudgeTurns = addDueWork(runtime, () => startTurns(runtime));
  const nudgeTimers = addDueWork(runtime, () => startTimers(runtime));
  runtime.consume(conversationsConsumer({ ...runtime, nudgeTurns }));
  runtime.consume(rulesConsumer({ ...runtime, nudgeTurns, nudgeTimers }));
  measureTimers(runtime);
}
