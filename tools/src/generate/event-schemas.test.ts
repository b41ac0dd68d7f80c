import { expect, test } from '@jest/globals';
import { eventDefinitions } from '@crossdesk/contracts';
import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { envelopeSchema, generateEventSchemas, nameOf, schemaOf } from './event-schemas.ts';
import { compareSchemas, withEnvelope } from './schema-compatibility.ts';

const ajv = new Ajv({ strict: false, validateFormats: false });
for (const { path, text } of generateEventSchemas().files)
  ajv.addSchema(JSON.parse(text), path.replace(/^.*\//, '').replace(/\.json$/, ''));

function sampleOf(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, 'packages/contracts/samples', `${name}.json`), 'utf8'));
}

test.each(eventDefinitions.map(nameOf))(
  'the schema of %s accepts its sample, and no event without its envelope',
  (name) => {
    const isValid = ajv.getSchema(name);
    const sample = sampleOf(name);
    expect(isValid?.(sample)).toBe(true);
    for (const field of Object.keys(sample)) {
      const { [field]: _, ...rest } = sample;
      expect(isValid?.(rest)).toBe(false);
    }
    for (const wrong of [{ type: 'crm.other' }, { version: 99 }, { source: 'gateway' }, { causationDepth: -1 }])
      expect(isValid?.({ ...sample, ...wrong })).toBe(false);
  },
);

function anyDefinition() {
  const [definition] = eventDefinitions;
  if (definition === undefined) throw new Error('there are no events');
  return definition;
}

test('whole events are compared: a field that leaves the envelope breaks every event', () => {
  const event = schemaOf(anyDefinition());
  const { tenantId: _, ...fewer } = Object(envelopeSchema['properties']);
  const before = withEnvelope(event, envelopeSchema);
  expect(compareSchemas(before, withEnvelope(event, envelopeSchema))).toEqual({ breaks: [], notes: [] });
  const after = withEnvelope(event, { ...envelopeSchema, properties: fewer });
  expect(compareSchemas(before, after).breaks).toEqual(['/tenantId was removed']);
});

test('an event whose schema includes the envelope is the same event', () => {
  const whole = withEnvelope(schemaOf(anyDefinition()), envelopeSchema);
  expect(compareSchemas(withEnvelope(whole, envelopeSchema), whole)).toEqual({ breaks: [], notes: [] });
});
