import { type EventDefinition, EnvelopeSchema, eventDefinitions, topics } from '@crossdesk/contracts';
import { readCommitted } from './committed.ts';
import { type Generated, generatedMark, jsonText } from './generated-file.ts';
import { compareSchemas, type Schema, withEnvelope } from './schema-compatibility.ts';

/** `ingest.message-received.v1`: the name of an event in schemas, samples and messages. */
export function nameOf({ type, version }: EventDefinition): string {
  return `${type}.v${version}`;
}

const dialect = 'http://json-schema.org/draft-07/schema#';
const folder = 'packages/contracts/schemas';
const envelopeFile = `${folder}/envelope.json`;
const envelopeId = 'urn:crossdesk:event:envelope';

/** The JSON Schema of the envelope that every event has around its data. */
export const envelopeSchema: Schema = {
  $schema: dialect,
  $id: envelopeId,
  $comment: generatedMark,
  title: 'envelope',
  description: 'What every event carries around its data',
  ...EnvelopeSchema,
};

/**
 * The JSON Schema of one published event: the envelope, and the data of its type. `envelope` is the reference to the
 * envelope's schema.
 */
export function schemaOf(definition: EventDefinition, envelope: string = envelopeId): Schema {
  const { owner } = topics[definition.topic];
  return {
    $schema: dialect,
    $id: `urn:crossdesk:event:${nameOf(definition)}`,
    $comment: generatedMark,
    title: nameOf(definition),
    description: definition.description,
    allOf: [{ $ref: envelope }],
    type: 'object',
    properties: {
      type: { type: 'string', const: definition.type },
      version: { type: 'integer', const: definition.version },
      source: { type: 'string', const: owner },
      data: definition.data,
    },
    required: ['data'],
  };
}

/** One schema file for the envelope and one per event and version, each compared with the one that is committed. */
export function generateEventSchemas(): Generated {
  const refusals: string[] = [];
  const notes: string[] = [];
  const before = committedEnvelope();
  const envelope = compareSchemas(before, asJson(envelopeSchema));
  refusals.push(...envelope.breaks.map((what) => `envelope: ${what}. Every consumer of every event relies on it.`));
  const files = eventDefinitions.map((definition) => {
    const path = `${folder}/${nameOf(definition)}.json`;
    const schema = schemaOf(definition);
    const committed = readCommitted(path);
    if (committed !== null) {
      // Whole events are compared: a constraint in one of the two files need not be in the other.
      const comparison = compareSchemas(
        withEnvelope(JSON.parse(committed), before),
        withEnvelope(asJson(schema), asJson(envelopeSchema)),
      );
      refusals.push(...comparison.breaks.map((what) => refusal(definition, what)));
      notes.push(...comparison.notes.map((what) => `${nameOf(definition)}: ${what}`));
    }
    return { path, text: jsonText(schema) };
  });
  return { files: [{ path: envelopeFile, text: jsonText(envelopeSchema) }, ...files], refusals, notes };
}

function committedEnvelope(): Schema {
  const committed = readCommitted(envelopeFile);
  return committed === null ? asJson(envelopeSchema) : (JSON.parse(committed) as Schema);
}

/** The schema as read back from its file, without the symbols of the schema library. */
function asJson(schema: Schema): Schema {
  return JSON.parse(jsonText(schema)) as Schema;
}

function refusal(definition: EventDefinition, what: string): string {
  const next = `${definition.type} version ${definition.version + 1}`;
  return `${nameOf(definition)}: ${what}. Consumers rely on it: undo the change, or define ${next} beside it and publish that.`;
}
