import { describe, expect, test } from '@jest/globals';
import type { ChannelAdapter, Facet } from '../port/index.ts';
import { fileKinds } from '../port/record.ts';
import { describeAuthorisation } from './authorisation.ts';
import { describeReading } from './reading.ts';
import { describeMutations, describeParsing, describeVerification } from './receiving.ts';
import type { ChannelSamples } from './samples.ts';
import { describeSending } from './sending.ts';

const facets = [
  ...(['webhooks', 'threads', 'messages', 'orders', 'buyers'] as const),
  ...(['media', 'files', 'tokens', 'authorisation', 'sender'] as const),
] satisfies readonly Facet[];

/** The rules that every adapter has to keep, facet by facet. Each `<name>.conformance.test.ts` runs them. */
export function describeChannel(adapter: ChannelAdapter, samples: ChannelSamples): void {
  describe(`${adapter.record.channel} as a channel`, () => {
    describeRecord(adapter);
    describeConnection(adapter, samples);
    describeFacets(adapter, samples);
    if (adapter.webhooks !== null && samples.webhooks !== null) {
      describeVerification(adapter.webhooks, samples.account, samples.webhooks);
      describeParsing(adapter, adapter.webhooks, samples.account, samples.webhooks);
      describeMutations(adapter, adapter.webhooks, samples.account, samples.webhooks);
    }
    if (adapter.sender !== null && samples.sending !== null)
      describeSending(adapter, adapter.sender, samples.account, samples.sending);
    describeReading(adapter, samples);
    if (adapter.authorisation !== null) describeAuthorisation(adapter, adapter.authorisation, samples.account);
  });
}

function describeRecord({ record }: ChannelAdapter): void {
  const { capabilities } = record;
  test('the capability record is sane', () => {
    for (const kinds of [capabilities.receives, capabilities.sends]) expect(new Set(kinds).size).toBe(kinds.length);
    expect(capabilities.receives).toContain('text');
    expect(capabilities.sends).not.toEqual(expect.arrayContaining(['system']));
    expect(capabilities.sends).not.toEqual(expect.arrayContaining(['unsupported']));
    expect(capabilities.textCharactersMax).toBeGreaterThan(0);
    expect(capabilities.sendsPerSecondMax).toBeGreaterThan(0);
    expect(capabilities.sendsPerDayMax ?? 1).toBeGreaterThan(0);
    expect(capabilities.replyWindowHours ?? 1).toBeGreaterThan(0);
    expect(capabilities.answerWithinHours ?? 1).toBeGreaterThan(0);
    expect(capabilities.readBackSettleMs).toBeGreaterThanOrEqual(0);
  });
}

function describeConnection({ connection, webhooks }: ChannelAdapter, { account }: ChannelSamples): void {
  test('the credentials are declared, and the samples have the required ones', () => {
    const declared = connection.credentialFields.map(({ name }) => name);
    expect(new Set(declared).size).toBe(declared.length);
    for (const { name, isRequired } of connection.credentialFields)
      if (isRequired) expect(account.credentials[name]).toEqual(expect.stringMatching(/./));
    for (const name of Object.keys(account.credentials)) expect(declared).toContain(name);
    for (const { label, hint } of connection.credentialFields)
      expect([label, hint]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
  });

  test('the setup steps name the webhook address if there is one, and no secret except a verify token', () => {
    const steps = connection.setupSteps(account).join('\n');
    expect(steps.includes(account.webhookUrl)).toBe(webhooks !== null);
    for (const [name, value] of Object.entries(account.credentials))
      if (name !== 'verify_token') expect(steps).not.toContain(value);
  });
}

function describeFacets(adapter: ChannelAdapter, samples: ChannelSamples): void {
  test('it gives a reason for each facet it lacks, and only for those', () => {
    expect(Object.keys(adapter.lacks).sort()).toEqual(facets.filter((facet) => adapter[facet] === null).sort());
    for (const reason of Object.values(adapter.lacks)) expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  test('messages can arrive in at least one way, and there are samples for its facets', () => {
    const ways = [adapter.webhooks, adapter.threads, adapter.messages];
    expect(ways.some((facet) => facet !== null)).toBe(true);
    expect(samples.webhooks === null).toBe(adapter.webhooks === null);
    expect(samples.sending === null).toBe(adapter.sender === null);
  });

  test('the adapter has what the record promises', () => {
    const { effectClass, sends, files } = adapter.record.capabilities;
    // For a readable channel, an unknown outcome is settled by reading the thread back.
    expect(effectClass === 'readable' && adapter.threads === null).toBe(false);
    expect(adapter.sender === null).toBe(sends.length === 0);
    const sent = fileKinds.filter((kind) => sends.includes(kind));
    expect(Object.keys(files)).toEqual(sent);
    expect(adapter.files !== null && sent.length === 0).toBe(false);
  });
}
