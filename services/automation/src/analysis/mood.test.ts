import { expect, test } from '@jest/globals';
import { type MessageId, newId } from '@crossdesk/contracts';
import { type Mood, type MoodSample, noMood, withSample } from './mood.domain.ts';

const hourMs = 3_600_000;
const start = Date.parse('2026-03-02T10:00:00Z');

function sample(hours: number, tone: number, hasRisk = false): MoodSample {
  return { messageId: newId<MessageId>(), at: start + hours * hourMs, tone, hasRisk };
}

function labelsOf(samples: readonly MoodSample[]): string {
  const labels: string[] = [];
  let mood: Mood = noMood;
  for (const one of samples) {
    mood = withSample(mood, one);
    labels.push(mood.label);
  }
  return labels.join(' ');
}

test.each([
  ['one unhappy message is tense, two are angry', [sample(0, -0.95), sample(1, -0.95)], 'tense angry'],
  [
    'two very unhappy messages with a risk are angry',
    [sample(0, -0.6), sample(0.1, -0.85, true), sample(0.2, -0.85)],
    'calm tense angry',
  ],
  ['neutral messages stay calm', [sample(0, 0), sample(1, -0.3), sample(2, 0)], 'calm calm calm'],
  [
    'S4-2.3: it goes back a step only after two calmer messages, and does not flicker',
    [sample(0, -0.95), sample(1, 0.9), sample(2, 0.9), sample(3, 0.9)],
    'tense tense calm calm',
  ],
  ['what was days ago has faded', [sample(0, -0.9), sample(240, -0.5)], 'tense tense'],
])('%s', (_, samples, wanted) => {
  expect(labelsOf(samples)).toBe(wanted);
});

test('the order of arrival does not matter, and the same message twice counts once', () => {
  const samples = [sample(0, -0.9), sample(1, 0.4), sample(2, -0.8, true), sample(3, -0.9)];
  const mood = samples.reduce(withSample, noMood);
  expect(samples.toReversed().reduce(withSample, noMood)).toEqual(mood);
  expect([...samples, ...samples].reduce(withSample, noMood)).toEqual(mood);
});

test('only the last fifty messages are kept', () => {
  const many = Array.from({ length: 70 }, (_, hours) => sample(hours, 0));
  expect(many.reduce(withSample, noMood).samples.map(({ at }) => at)).toEqual(many.slice(20).map(({ at }) => at));
});
