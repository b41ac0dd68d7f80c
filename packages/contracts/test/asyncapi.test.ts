import { Parser } from '@asyncapi/parser';
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventDefinitions, topicNames } from '../src/index.ts';

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
