import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkEvent,
  decodeEvent,
  erasedContent,
  erasedEvent,
  type MessageContent,
  topics,
  topicOf,
} from '../src/index.ts';

const folder = join(import.meta.dirname, '../samples');
const samples = readdirSync(folder).map((file) => decodeEvent(readFileSync(join(folder, file))));
/** Who the buyer of the samples is and what was written by them and to them, in their fields. */
const personal = /Ana Souza|A\*{4}a|pt-BR|Rua das|avatars|São Paulo|K7QX9TMP ainda|\bteu\b|"text":"[^"]/;

test.each(samples.map((event) => [event.type, event] as const))(
  '%s erased still is an event, of nobody',
  (type, event) => {
    const erased = erasedEvent(event);
    if (erased === null) {
      expect(JSON.stringify(event.data)).not.toMatch(personal);
      return;
    }
    expect(JSON.stringify(checkEvent(erased).data)).not.toMatch(personal);
    const { data: _, ...envelope } = event;
    expect(erased).toMatchObject(envelope);
    // Only what travels where personal data may travel has any.
    expect([topics[topicOf(type)].personalData, type === 'ingest.delivery-updated']).toContain(true);
  },
);

const word = 'planted';
const media = { url: word, thumbnailUrl: word, mediaId: word, mimeType: 'image/png', fileName: word, caption: word };
const contents: readonly MessageContent[] = [
  { kind: 'text', text: word },
  { kind: 'system', text: word },
  ...(['image', 'video', 'audio', 'file'] as const).map((kind) => ({ kind, ...media })),
  { kind: 'sticker', stickerId: word, url: word },
  { kind: 'location', latitude: 1, longitude: 2, name: word },
];

test.each(contents.map((content) => [content.kind, content] as const))(
  'of a %s only its kind is left',
  (kind, content) => {
    const erased = erasedContent(content);
    expect(erased.kind).toBe(kind);
    expect(JSON.stringify(erased)).not.toMatch(/planted|image\/png|[12]\b/);
  },
);
