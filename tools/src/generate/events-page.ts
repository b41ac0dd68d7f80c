import { type EventDefinition, eventDefinitions, topicNames, topics, type TopicName } from '@crossdesk/contracts';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { findConsumers } from './consumers.ts';
import { envelopeSchema, nameOf, schemaOf } from './event-schemas.ts';
import { type Generated, generatedMark } from './generated-file.ts';
import { fieldsOf } from './schema-fields.ts';

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function topicRow(topic: TopicName): string[] {
  const { owner, key, partitions, retentionDays, personalData, description } = topics[topic];
  return [
    `\`${topic}\``,
    owner,
    key,
    `${partitions}`,
    `${retentionDays} days`,
    personalData ? 'yes' : 'no',
    description,
  ];
}

function fieldTable(definition: EventDefinition): string {
  const rows = fieldsOf(schemaOf(definition), 'data').map((field) => [
    `\`${field.path}\``,
    field.type,
    field.isRequired ? 'always' : 'optional',
    field.description,
  ]);
  return table(['field of `data`', 'type', 'present', 'meaning'], rows);
}

function sample(definition: EventDefinition): string {
  const path = `packages/contracts/samples/${nameOf(definition)}.json`;
  if (!existsSync(join(root, path))) throw new Error(`${path} is missing: write a realistic sample of the event there`);
  return `\`\`\`json\n${readFileSync(join(root, path), 'utf8').trim()}\n\`\`\``;
}

function section(definition: EventDefinition, consumers: readonly string[]): string {
  return [
    `## \`${definition.type}\` version ${definition.version}`,
    definition.description,
    table(
      ['topic', 'published by', 'consumed by', 'schema'],
      [
        [
          `\`${definition.topic}\``,
          topics[definition.topic].owner,
          consumers.join(', ') || 'integrators only',
          `[${nameOf(definition)}.json](../packages/contracts/schemas/${nameOf(definition)}.json)`,
        ],
      ],
    ),
    fieldTable(definition),
    sample(definition),
  ].join('\n\n');
}

/** The page for integrators: every topic and every event with its fields and a sample. */
export function generateEventsPage(): Generated {
  const consumers = findConsumers();
  const envelopeRows = fieldsOf(envelopeSchema, null).map((field) => [
    `\`${field.path}\``,
    field.type,
    field.description,
  ]);
  const text = [
    `<!-- ${generatedMark} -->`,
    '# Events',
    'Every fact of Crossdesk is a JSON record on the log. The record key is the id named in the topic table; order holds within a key. Delivery is at least once: deduplicate by `id`. Within a version only optional fields are added, so ignore what you do not know. The same in machine-readable form: [asyncapi.json](asyncapi.json).',
    '## Topics',
    table(['topic', 'owner', 'key', 'partitions', 'kept', 'personal data', 'what it says'], topicNames.map(topicRow)),
    '## The envelope of every event',
    'Record headers: `event-id`, `event-type`, `event-version` and `tenant-id`, the same as in the envelope, and, where a request caused the event, `traceparent` (W3C Trace Context).',
    table(['field', 'type', 'meaning'], envelopeRows),
    'Its schema is [envelope.json](../packages/contracts/schemas/envelope.json): those of the events refer to it.',
    ...eventDefinitions.map((definition) => section(definition, consumers.get(definition.type) ?? [])),
  ].join('\n\n');
  return { files: [{ path: 'docs/events.md', text: `${text}\n` }], refusals: [], notes: [] };
}
