import { join } from 'node:path';
import {
  addDueWork,
  attachmentKey,
  type Caller,
  createAttachments,
  createLoaders,
  createServiceSubgraph,
  openDatabase,
  type OpenedService,
  openService,
  type ServiceDeps,
  type ServiceRuntime,
  serviceUrl,
} from '@crossdesk/service-kit';
import type { JSONWebKeySet } from 'jose';
import { forgetOldRuns } from './macro/macro.store.ts';
import { openAccessTokens } from './workspace/access-token.commands.ts';
import { createIntrospection, type Introspection } from './workspace/introspection.commands.ts';
import { forgetOldJobs } from './bulk/bulk-job.store.ts';
import { startBulkWorker } from './bulk/bulk-worker.ts';
import { createPasswords } from './agent/password.ts';
import { forgetOldSessions } from './agent/session.store.ts';
import { forgetOldAttempts } from './agent/sign-in-attempt.store.ts';
import { startCases } from './case/case-worker.ts';
import { casesConsumer } from './consumers/cases.consumer.ts';
import { decisionsConsumer } from './consumers/decisions.consumer.ts';
import { forgetOldDrafts } from './draft/draft.store.ts';
import { forgetOldDecisions } from './decision/executed-decision.store.ts';
import { understandingConsumer } from './consumers/understanding.consumer.ts';
import { customersConsumer } from './consumers/customers.consumer.ts';
import { inboxConsumer } from './consumers/inbox.consumer.ts';
import { feedbackConsumer } from './consumers/feedback.consumer.ts';
import { searchConsumer } from './consumers/search.consumer.ts';
import type { DB } from './db.ts';
import { measureClocks, startClocks } from './sla/clock-worker.ts';
import type { App } from './graphql-context.ts';
import { startWaker } from './phase/waker.ts';
import { recountLoads } from './duty/duty.store.ts';
import { addRouter } from './routing/router.ts';
import { forgetOldUnderstanding } from './enquiry/early-understanding.store.ts';
import { forgetOldRecords } from './routing/routing.store.ts';
import { notifyConsumer } from './consumers/notify.consumer.ts';
import { forgetOldNotifications } from './notification/notification.store.ts';
import { startShifts } from './roster/shift-worker.ts';
import { forgetOldShifts } from './roster/shift.store.ts';
import { openToLimited } from './open-to-limited.ts';
import { resolvers } from './resolvers.ts';

export interface ConversationOptions {
  /** `iss` and `aud` of the access tokens. */
  readonly issuer: string;
  readonly audience: string;
  /** The code needed to create the first workspace. */
  readonly setupCode: string;
  /** The memory for hashing a password; tests take less. */
  readonly passwordMemoryKib?: number;
}

export interface ConversationService extends App, OpenedService<DB> {
  /** The public keys of the access tokens. */
  jwks(): Promise<JSONWebKeySet>;
  /** The caller an API token stands for; null if the token is unknown, wrong or revoked. */
  introspect(token: string): Promise<Caller | null>;
  /** Whether the access tokens of a person and their session are still valid; null for an unknown person. */
  standingOf: Introspection['standingOf'];
}

export async function openConversation(deps: ServiceDeps, options: ConversationOptions): Promise<ConversationService> {
  const migrationsDirectory = join(import.meta.dirname, '../migrations');
  const runtime = await openService<DB>(deps, { service: 'conversation', migrationsDirectory, openToLimited });
  const searchDb = openSearchDatabase(deps, runtime);
  const accessTokens = await openAccessTokens(runtime, options);
  addRouter(runtime);
  const nudgeWaker = addDueWork(runtime, () => startWaker(runtime));
  const nudgeBulk = addDueWork(runtime, () => startBulkWorker(runtime));
  const app: App = {
    runtime,
    searchDb,
    accessTokens,
    attachments: createAttachments(deps.keys.of(attachmentKey)),
    passwords: createPasswords(options.passwordMemoryKib),
    setupCode: options.setupCode,
    nudgeWaker,
    nudgeBulk,
  };
  const introspection = createIntrospection(runtime);
  runtime.consume(inboxConsumer(runtime));
  runtime.consume(customersConsumer(runtime));
  runtime.consume(decisionsConsumer(runtime));
  runtime.consume(notifyConsumer(runtime));
  runtime.consume(casesConsumer(runtime));
  runtime.consume(feedbackConsumer(runtime));
  runtime.consume(understandingConsumer(runtime));
  runtime.consume(searchConsumer());
  addDueWork(runtime, () => startClocks(runtime));
  measureClocks(runtime);
  addDueWork(runtime, () => startCases(runtime));
  addDueWork(runtime, () => startShifts(runtime));
  runtime.addJob({ name: 'forget', cron: '41 3 * * *', run: () => forget(runtime) });
  const subgraph = createServiceSubgraph(runtime, {
    folder: join(import.meta.dirname, '..'),
    resolvers,
    context: (request) => ({ request, app, loaders: createLoaders(runtime, request) }),
  });
  return {
    ...app,
    subgraph,
    jwks: accessTokens.keySet,
    introspect: introspection.introspect,
    standingOf: introspection.standingOf,
    start: runtime.start,
    stop: async (deadlineMs) => {
      await introspection.stop();
      await searchDb.close();
      await runtime.stop(deadlineMs);
    },
  };
}

/** A search that takes long gets in nobody's way but that of other searches. */
const searchConnectionsMax = 4;
const searchMsMax = 1_500;

function openSearchDatabase({ databaseUrl, keys }: ServiceDeps, { log }: ServiceRuntime<DB>) {
  return openDatabase<DB>({
    appUrl: serviceUrl(databaseUrl, keys, 'conversation', 'app'),
    workerUrl: serviceUrl(databaseUrl, keys, 'conversation', 'worker'),
    connectionsMax: searchConnectionsMax,
    transactionMsMax: searchMsMax,
    onConnectionError: (err) => log.warn({ err }, 'an idle database connection of the search broke'),
  });
}

async function forget({ db }: ServiceRuntime<DB>): Promise<void> {
  await db.asWorker(forgetOldAttempts);
  await db.asWorker(forgetOldSessions);
  await db.asWorker(forgetOldDecisions);
  await db.asWorker(forgetOldShifts);
  await db.asWorker(forgetOldJobs);
  await db.asWorker(forgetOldDrafts);
  await db.asWorker(forgetOldRecords);
  await db.asWorker(recountLoads);
  await db.asWorker(forgetOldUnderstanding);
  await db.asWorker(forgetOldRuns);
  await db.asWorker(forgetOldNotifications);
}
