import { type EventDefinition, EnvelopeSchema, eventDefinitions, topics } from '@crossdesk/contracts';
import { readCommitted } from './committed.ts';
import { type Generated, generatedMark, jsonText } from './generated-file.ts';
import { compareSchemas, type Schema } from './schema-compatibility.ts';

/** `ingest.message-received.v1`: how an event's schema, sample and messages are named everywhere. */
export function nameOf({ type, version }: EventDefinition): string {
  return `${type}.v${version}`;
}

/** The JSON Schema of one event as it travels: envelope and data. */
export function schemaOf(definition: EventDefinition): Schema {
  const { owner } = topics[definition.topic];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `urn:crossdesk:event:${nameOf(definition)}`,
    $comment: generatedMark,
    title: nameOf(definition),
    description: definition.description,
    type: 'object',
    properties: {
      ...EnvelopeSchema.properties,
      type: { ...EnvelopeSchema.properties.type, const: definition.type },
      version: { ...EnvelopeSchema.properties.version, const: definition.version },
      source: { ...EnvelopeSchema.properties.source, const: owner },
      data: definition.data,
    },
    required: [...(EnvelopeSchema.required ?? []), 'data'],
  };
}

/** One schema file per event and version, each compared with the one that is committed. */
export function generateEventSchemas(): Generated {
  const refusals: string[] = [];
  const notes: string[] = [];
  const files = eventDefinitions.map((definition) => {
    const path = `packages/contracts/schemas/${nameOf(definition)}.json`;
    const text = jsonText(schemaOf(definition));
    const committed = readCommitted(path);
    if (committed !== null) {
      const comparison = compareSchemas(JSON.parse(committed), JSON.parse(text));
      refusals.push(...comparison.breaks.map((what) => refusal(definition, what)));
      notes.push(...comparison.notes.map((what) => `${nameOf(definition)}: ${what}`));
    }
    return { path, text };
  });
  return { files, refusals, notes };
}

function refusal(definition: EventDefinition, what: string): string {
  const next = `${definition.type} version ${definition.version + 1}`;
  return `${nameOf(definition)}: ${what}. Consumers rely on it: undo the change, or define ${next} beside it and publish that.`;
}
