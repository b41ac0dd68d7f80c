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
/** Matches the identity of the buyer in the samples, and the texts from and to them, by field. */
const personal = /Ana Souza|A\*{4}a|pt-BR|Rua das|avatars|São Paulo|K7QX9TMP ainda|\bteu\b|"text":"[^"]/;

test.each(samples.map((event) => [event.type, event] as const))(
  '%s is still a valid event after erasure, without personal data',
  (type, event) => {
    const erased = erasedEvent(event);
    if (erased === null) {
      expect(JSON.stringify(event.data)).not.toMatch(personal);
      return;
    }
    expect(JSON.stringify(checkEvent(erased).data)).not.toMatch(personal);
    const { data: _, ...envelope } = event;
    expect(erased).toMatchObject(envelope);
    // Only events in topics with personal data have any.
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
  { kind: 'location', latitude: 1, longitude: 2, name: word, address: word },
  { kind: 'choice', title: word, description: word, externalChoiceId: word },
  { kind: 'form', title: word, text: word, answers: [{ name: word, value: word }] },
  { kind: 'contacts', contacts: [{ name: word, organisation: word, phones: [word], emails: [word] }] },
  { kind: 'cart', text: word, items: [] },
];

test.each(contents.map((content) => [content.kind, content] as const))(
  'after erasure only the kind of a %s is left',
  (kind, content) => {
    const erased = erasedContent(content);
    expect(erased.kind).toBe(kind);
    expect(JSON.stringify(erased)).not.toMatch(/planted|image\/png|[12]\b/);
  },
);
