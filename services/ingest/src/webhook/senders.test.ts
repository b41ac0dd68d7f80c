import { expect, test } from '@jest/globals';
import { createSenders } from './senders.ts';

const limits = { refusedPerMinuteMax: 5, refusedOfProvenPerMinuteMax: 50 };

test('an address that only gets refusals waits, and the other addresses do not', () => {
  const senders = createSenders(limits);
  for (let n = 0; n < 5; n += 1) {
    expect(senders.waitSecondsOf('2001:db8::1')).toBeNull();
    senders.noteRefused(`2001:db8::${n}`, 0);
  }
  expect(senders.waitSecondsOf('2001:db8::ffff')).toBe(60);
  expect(senders.waitSecondsOf('2001:db8:1::1')).toBeNull();
});

test('large refused bodies cost more', () => {
  const senders = createSenders(limits);
  senders.noteRefused('192.0.2.1', 300_000);
  expect(senders.waitSecondsOf('192.0.2.1')).toBe(60);
});

test('an address that sends valid deliveries may also send many that are refused, but not without end', () => {
  const senders = createSenders(limits);
  for (let n = 0; n < 5; n += 1) senders.noteRefused('192.0.2.1', 0);
  senders.noteAccepted('192.0.2.1');
  expect(senders.waitSecondsOf('192.0.2.1')).toBeNull();
  for (let n = 0; n < 50; n += 1) senders.noteRefused('192.0.2.1', 0);
  expect(senders.waitSecondsOf('192.0.2.1')).toBe(60);
});
