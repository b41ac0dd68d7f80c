import { expect, test } from '@jest/globals';
import { roomsInCircles } from './boundaries/rooms.ts';
import { violationsIn } from './boundaries/rules.ts';
import { parseSource, readSources } from './boundaries/source-file.ts';

test('every source file keeps the import rules', async () => {
  const files = await readSources();
  // A glob that matches nothing would pass every rule.
  expect(files.length).toBeGreaterThan(40);
  expect(files.filter((file) => file.path.startsWith('services/')).length).toBeGreaterThan(0);
  expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(files.length);
  expect(violationsIn(files)).toEqual([]);
});

test('no room imports itself through other rooms', async () => {
  expect(roomsInCircles(await readSources())).toEqual([]);
});

test('a circle of rooms is found, even if only types make it', () => {
  const files = [
    parseSource('services/crm/src/order/order.store.ts', `import { link } from '../link/link.store.ts';`),
    parseSource('services/crm/src/link/link.store.ts', `import { merge } from '../customer/merge.ts';`),
    parseSource('services/crm/src/customer/merge.ts', `import type { Order } from '../order/order.domain.ts';`),
    parseSource('services/crm/src/erasure/erasure.store.ts', `import { orders } from '../../src/app.ts';`),
  ];
  expect(roomsInCircles(files)).toEqual([
    'services/crm/src/order imports services/crm/src/link',
    'services/crm/src/link imports services/crm/src/customer',
    'services/crm/src/customer imports services/crm/src/order',
  ]);
  expect(roomsInCircles(files.slice(0, 2))).toEqual([]);
});

test('at most one of our files imports kafkajs', async () => {
  const files = await readSources();
  const ours = files.filter(({ path }) => !path.startsWith('examples/'));
  expect(ours.filter((file) => file.imports.some(({ specifier }) => specifier === 'kafkajs')).length).toBeLessThan(2);
});

function violation(path: string, text: string): string[] {
  return violationsIn([parseSource(path, text)]);
}

test.each([
  ['packages/contracts/src/codec.ts', `import { log } from '@crossdesk/service-kit';`],
  ['packages/service-kit/src/relay.ts', `import { given } from '@crossdesk/testkit';`],
  ['packages/service-kit/src/relay.ts', `import { buildApp } from '@crossdesk/crm';`],
  ['services/crm/src/app.ts', `import { buildApp } from '@crossdesk/ingest';`],
  ['services/ingest/src/app.ts', `import { createTwin } from '@crossdesk/twin';`],
  ['services/crm/src/app.ts', `import type { Order } from '../../ingest/src/order/order.domain.ts';`],
  ['services/crm/src/app.ts', `const kit = await import('@crossdesk/testkit');`],
  ['services/crm/src/app.ts', `type Run = import('@crossdesk/standalone').Run;`],
  ['services/crm/src/app.ts', `export * from '@crossdesk/conversation';`],
  ['apps/twin/src/shopee.ts', `import { channels } from '@crossdesk/contracts';`],
  ['apps/standalone/src/app.ts', `import { startPostgres } from '@crossdesk/testkit';`],
  ['services/crm/src/customer/customer.domain.ts', `import { sql } from 'kysely';`],
  ['services/crm/src/customer/customer.domain.ts', `import { readFileSync } from 'node:fs';`],
  ['services/crm/src/customer/customer.domain.ts', `import type { Row } from './customer.store.ts';`],
  ['services/crm/src/customer/customer.events.ts', `import { listOpen } from './customer.store.ts';`],
  ['services/crm/src/customer/customer.domain.ts', `import { clockPort } from './clock.port.ts';`],
  ['packages/channels/src/shopee/shopee.call.ts', `import { log } from '@crossdesk/service-kit';`],
  ['packages/channels/src/shopee/shopee.call.ts', `import { sign } from '../tiktok-shop/tiktok-shop.sign.ts';`],
  ['packages/channels/src/shared/run.ts', `import { due } from '@crossdesk/ingest/src/order/order.domain.ts';`],
  ['services/conversation/src/app.ts', `import { adapters } from '@crossdesk/channels/adapters';`],
  ['services/ingest/src/account/account.domain.ts', `import { adapters } from '@crossdesk/channels/adapters';`],
  ['services/crm/src/main.ts', `import { due } from './order/order.store.ts';`],
  ['packages/local-postgres/src/index.ts', `import { log } from '@crossdesk/service-kit';`],
  ['services/gateway/src/main.ts', `import { Kafka } from 'kafkajs';`],
  ['packages/testkit/src/index.ts', `import { KafkaContainer } from '@testcontainers/kafka';`],
  ['apps/cluster/src/cluster.ts', `const { KafkaContainer } = await import('@testcontainers/kafka');`],
  ['examples/typescript/follow.ts', `import { decodeEvent } from '@crossdesk/contracts';`],
  ['services/conversation/src/app.ts', `import { useServer } from 'graphql-ws/use/ws';`],
  ['services/crm/src/app.ts', `export const port = process.env.PORT;`],
  ['services/crm/src/app.ts', `export const port = process['env']['PORT'];`],
  ['services/crm/src/app.ts', `import { env } from 'node:process';`],
  ['services/crm/src/order/order.commands.ts', `import type { CrmService } from '../app.ts';`],
  ['services/crm/src/order/order.commands.ts', `import { resolvers } from '../resolvers.ts';`],
])('%s may not contain %s', (path, text) => {
  expect(violation(path, text)).not.toEqual([]);
});

test.each([
  ['packages/service-kit/src/relay.int.test.ts', `import { startPostgres } from '@crossdesk/testkit';`],
  ['packages/service-kit/src/broker/kafkajs.ts', `import { Kafka } from 'kafkajs';`],
  [
    'services/crm/src/app.ts',
    `import { newId } from '@crossdesk/contracts'; import { log } from '@crossdesk/service-kit';`,
  ],
  ['packages/testkit/src/containers.ts', `import { KafkaContainer } from '@testcontainers/kafka';`],
  ['services/ingest/test/replies.int.test.ts', `import { createTwin } from '@crossdesk/twin';`],
  ['services/crm/test/customer.api.int.test.ts', `import { startPostgres } from '@crossdesk/testkit';`],
  ['services/crm/src/customer/customer.domain.ts', `import type { OrderId } from '@crossdesk/contracts';`],
  ['services/crm/src/customer/customer.domain.ts', `import { merge } from '../merge/merge.domain.ts';`],
  ['services/ingest/src/account/account.domain.ts', `import type { Connection } from '@crossdesk/channels/adapters';`],
  ['services/conversation/src/message/message.domain.ts', `import { capabilitiesOf } from '@crossdesk/channels';`],
  ['packages/channels/src/shopee/shopee.call.ts', `import { text } from '../shared/platform-json.ts';`],
  ['services/ingest/src/order/record-orders.ts', `import * as store from './order.store.ts';`],
  ['services/crm/src/customer/customer.commands.ts', `import * as store from './customer.store.ts';`],
  ['services/crm/src/consumers/on-message-received.ts', `import * as store from '../customer/customer.store.ts';`],
  ['services/crm/src/config.ts', `export const port = process.env['PORT'];`],
  ['services/gateway/src/live/socket.ts', `import { makeServer } from 'graphql-ws';`],
  ['apps/standalone/src/app.ts', `import { buildApp } from '@crossdesk/ingest';`],
])('%s may contain %s', (path, text) => {
  expect(violation(path, text)).toEqual([]);
});
