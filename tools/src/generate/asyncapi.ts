import {
  type Envelope,
  type EventDefinition,
  eventDefinitions,
  topicNames,
  topics,
  type TopicName,
} from '@crossdesk/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { envelopeSchema, nameOf, schemaOf } from './event-schemas.ts';
import { type Generated, generatedMark, jsonText } from './generated-file.ts';

const dayMs = 24 * 60 * 60 * 1000;

const headers = {
  type: 'object',
  properties: {
    'event-id': {
      type: 'string',
      format: 'uuid',
      description: 'the id of the envelope: what consumers deduplicate by',
    },
    'event-type': { type: 'string', description: 'the type of the envelope' },
    'event-version': { type: 'string', description: 'the version of the envelope, as decimal text' },
    'tenant-id': { type: 'string', format: 'uuid', description: 'the workspace of the envelope' },
    traceparent: { type: 'string', description: 'W3C Trace Context of the request that caused the event' },
  },
  required: ['event-id', 'event-type', 'event-version', 'tenant-id'],
};

const envelopeReference = '#/components/schemas/envelope';

function messageOf(definition: EventDefinition) {
  const { $schema: _dialect, $comment: _mark, $id: _id, ...payload } = schemaOf(definition, envelopeReference);
  return {
    name: nameOf(definition),
    title: definition.type,
    summary: definition.description,
    contentType: 'application/json',
    headers,
    payload,
    examples: [exampleOf(definition)],
    bindings: {
      kafka: {
        key: { type: 'string', format: 'uuid', description: topics[definition.topic].key },
        bindingVersion: '0.5.0',
      },
    },
  };
}

/** The sample of the event as a record. */
function exampleOf(definition: EventDefinition) {
  const path = join(root, 'packages/contracts/samples', `${nameOf(definition)}.json`);
  const payload = JSON.parse(readFileSync(path, 'utf8')) as Envelope;
  const headers = {
    'event-id': payload.id,
    'event-type': payload.type,
    'event-version': String(payload.version),
    'tenant-id': payload.tenantId,
  };
  return { name: 'sample', headers, payload };
}

/** Where integrators connect, with the user that `integrator add` creates. */
const servers = {
  containers: {
    host: '{address}',
    protocol: 'kafka',
    description:
      'The listener for integrators that docker compose publishes; `pnpm start:cluster` prints its own address',
    variables: {
      address: { default: '127.0.0.1:9094', description: 'KAFKA_PUBLIC_ADDRESS of the installation, host and port' },
    },
    security: [{ $ref: '#/components/securitySchemes/integrator' }],
  },
  encrypted: {
    host: '{address}',
    protocol: 'kafka-secure',
    description: 'A listener with TLS, on your own cluster or behind a proxy',
    variables: { address: { default: 'kafka.example:9093', description: 'host and port' } },
    security: [{ $ref: '#/components/securitySchemes/integrator' }],
  },
};

const securitySchemes = {
  integrator: {
    type: 'scramSha512',
    description: 'The user and password that `pnpm integrator add` prints; it reads its topics, in its own groups only',
  },
};

function messagesOf(topic: TopicName): EventDefinition[] {
  return eventDefinitions.filter((definition) => definition.topic === topic);
}

function channelOf(topic: TopicName) {
  const { description, partitions, retentionDays } = topics[topic];
  return {
    address: topic,
    description,
    messages: Object.fromEntries(
      messagesOf(topic).map((definition) => [
        nameOf(definition),
        { $ref: `#/components/messages/${nameOf(definition)}` },
      ]),
    ),
    bindings: {
      kafka: {
        topic,
        partitions,
        topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': retentionDays * dayMs },
        bindingVersion: '0.5.0',
      },
    },
  };
}

function operationOf(topic: TopicName) {
  return {
    action: 'send',
    summary: `services/${topics[topic].owner} publishes to ${topic}`,
    channel: { $ref: `#/channels/${topic}` },
    messages: messagesOf(topic).map((definition) => ({ $ref: `#/channels/${topic}/messages/${nameOf(definition)}` })),
  };
}

/** The AsyncAPI document from which integrators generate their clients. */
export function generateAsyncApi(): Generated {
  const { $schema: _dialect, $comment: _mark, $id: _id, ...envelope } = envelopeSchema;
  const document = {
    asyncapi: '3.0.0',
    'x-generated': generatedMark,
    info: {
      title: 'Crossdesk events',
      version: '1.0.0',
      description:
        'Everything that happens in Crossdesk, as Kafka records. Order holds per key; delivery is at least once; within a version only optional fields are added.',
      license: { name: 'Apache-2.0' },
    },
    servers,
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topicNames.map((topic) => [topic, channelOf(topic)])),
    operations: Object.fromEntries(topicNames.map((topic) => [`send.${topic}`, operationOf(topic)])),
    components: {
      securitySchemes,
      schemas: { envelope },
      messages: Object.fromEntries(eventDefinitions.map((event) => [nameOf(event), messageOf(event)])),
    },
  };
  return { files: [{ path: 'docs/asyncapi.json', text: jsonText(document) }], refusals: [], notes: [] };
}
