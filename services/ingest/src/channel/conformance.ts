import { describe, expect, test } from '@jest/globals';
import type { ChannelAdapter } from './channel.port.ts';
import { describeParsing, describeVerification } from './conformance-receiving.ts';
import type { ChannelSamples } from './conformance-samples.ts';
import { describeFailingPlatform, describeSending } from './conformance-sending.ts';

/** What every adapter has to keep, whatever its platform: run by each `<name>.conformance.test.ts`. */
export function describeChannel(adapter: ChannelAdapter, samples: ChannelSamples): void {
  describe(`${adapter.channel} as a channel`, () => {
    describeCapabilities(adapter, samples);
    describeVerification(adapter, samples);
    describeParsing(adapter, samples);
    describeSending(adapter, samples);
    describeFailingPlatform(adapter, samples);
  });
}

function describeCapabilities({ capabilities, ...adapter }: ChannelAdapter, { account }: ChannelSamples): void {
  test('the capability record is sane', () => {
    for (const kinds of [capabilities.receives, capabilities.sends]) {
      expect(kinds).toContain('text');
      expect(new Set(kinds).size).toBe(kinds.length);
    }
    expect(capabilities.sends).not.toEqual(expect.arrayContaining(['system']));
    expect(capabilities.sends).not.toEqual(expect.arrayContaining(['unsupported']));
    expect(capabilities.textCharactersMax).toBeGreaterThan(0);
    expect(capabilities.sendsPerSecondMax).toBeGreaterThan(0);
    expect(capabilities.sendsPerDayMax ?? 1).toBeGreaterThan(0);
    expect(capabilities.replyWindowHours ?? 1).toBeGreaterThan(0);
    expect(capabilities.readBackSettleMs).toBeGreaterThanOrEqual(0);
  });

  test('the credentials are declared and the required ones given', () => {
    const declared = adapter.credentialFields.map(({ name }) => name);
    expect(new Set(declared).size).toBe(declared.length);
    expect(declared).toEqual(expect.arrayContaining(Object.keys(account.credentials)));
    for (const { name, isRequired } of adapter.credentialFields)
      if (isRequired) expect(account.credentials).toHaveProperty([name]);
  });

  test('the setup steps name the webhook address and no secret but a verify token', () => {
    const steps = adapter.setupSteps({ webhookUrl: account.webhookUrl, credentials: account.credentials }).join('\n');
    expect(steps).toContain(account.webhookUrl);
    for (const [name, value] of Object.entries(account.credentials))
      if (name !== 'verify_token') expect(steps).not.toContain(value);
  });
}
