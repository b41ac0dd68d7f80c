import { Parser } from '@asyncapi/parser';
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkEvent, eventDefinitions, topicNames } from '../src/index.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/asyncapi.json'), 'utf8');

test('the AsyncAPI document is valid and has every topic and event', async () => {
  const { document, diagnostics } = await new Parser().parse(text);
  // Severity 0 is an error, 1 a warning; hints about newer AsyncAPI versions are below.
  expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
  const channels = document?.channels().all() ?? [];
  expect(channels.map((channel) => String(channel.address())).sort()).toEqual(topicNames);
  const messages = channels.flatMap((channel) =>
    channel
      .messages()
      .all()
      .map((message) => String(message.name())),
  );
  expect(messages.sort()).toEqual(eventDefinitions.map(({ type, version }) => `${type}.v${version}`).sort());
});

test('the parser detects a broken document', async () => {
  const { diagnostics } = await new Parser().parse(text.replace('"action": "send"', '"action": "shout"'));
  expect(diagnostics.filter(({ severity }) => severity === 0).length).toBeGreaterThan(0);
});

test('a client finds in the document where to connect, how to sign in, and a record of each event', async () => {
  const { document } = await new Parser().parse(text);
  const [server] = document?.servers().all() ?? [];
  const address = String(server?.variables().get('address')?.defaultValue());
  expect([server?.host(), server?.protocol(), address]).toEqual(['{address}', 'kafka', '127.0.0.1:9094']);
  expect(document?.securitySchemes().get('integrator')?.type()).toBe('scramSha512');
  for (const message of document?.messages().all() ?? []) {
    const [example] = message.examples().all();
    const { id, type, version, tenantId } = checkEvent(example?.payload());
    const headers = { 'event-id': id, 'event-type': type, 'event-version': String(version), 'tenant-id': tenantId };
    expect(example?.headers()).toEqual(headers);
  }
  const repository = join(import.meta.dirname, '../../..');
  const examples = ['typescript/follow.ts', 'python/follow.py', 'java/src/main/java/FollowEvents.java'];
  for (const file of [...examples.map((name) => `examples/${name}`), 'docs/integrate.md', 'docker-compose.yml'])
    expect([file, readFileSync(join(repository, file), 'utf8').includes(address)]).toEqual([file, true]);
});
