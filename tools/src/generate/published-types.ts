import { type EventDefinition, eventDefinitions } from '@crossdesk/contracts';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import { parse, printSchema } from 'graphql';
import { envelopeSchema, nameOf } from './event-schemas.ts';
import { type Generated, generatedMark } from './generated-file.ts';
import { apiSchema } from './supergraph.ts';
import { typeOfSchema } from './type-of-schema.ts';

const folder = 'packages/types';

/** `IngestMessageReceivedV1` */
function typeName(definition: EventDefinition): string {
  const words = nameOf(definition).split(/[.-]/);
  return words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
}

function eventType(definition: EventDefinition): string {
  const { type, version, description, data } = definition;
  return [
    `/** ${description} */`,
    `export interface ${typeName(definition)} extends Envelope {`,
    `  type: '${type}';`,
    `  version: ${version};`,
    `  data: ${typeOfSchema(data, 1)};`,
    '}',
  ].join('\n');
}

/** The types of the published events, for integrators. */
export function generateEventTypes(): Generated {
  const names = eventDefinitions.map(typeName);
  const text = [
    `// ${generatedMark}`,
    `/** The fields of every event besides its data. */\nexport interface Envelope ${typeOfSchema(envelopeSchema, 0)}`,
    ...eventDefinitions.map(eventType),
    `export type CrossdeskEvent =\n${names.map((name) => `  | ${name}`).join('\n')};`,
  ].join('\n\n');
  return { files: [{ path: `${folder}/events.generated.d.ts`, text: `${text}\n` }], refusals: [], notes: [] };
}

/** Scalars as they are in JSON. */
const scalars = { DateTime: 'string', BigInt: 'string', JSON: 'unknown', ID: 'string' };

/** The types of the API that the gateway answers, for frontends. */
export async function generateApiTypes(): Promise<Generated> {
  const path = `${folder}/api.generated.d.ts`;
  const text = await codegen({
    filename: path,
    schema: parse(printSchema(apiSchema())),
    documents: [],
    config: { enumsAsTypes: true, useTypeImports: true, defaultScalarType: 'unknown', scalars, maybeValue: 'T | null' },
    plugins: [{ typescript: {} }],
    pluginMap: { typescript },
  });
  return { files: [{ path, text: `// ${generatedMark}\n${text.trim()}\n` }], refusals: [], notes: [] };
}
