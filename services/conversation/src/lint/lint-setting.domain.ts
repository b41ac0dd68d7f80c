import { packOf, type PlatformRule, platformRules } from '@crossdesk/outgoing-lint';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';

/** A rule of a platform that only warns in a channel. */
export interface LoweredRule {
  readonly channel: string;
  readonly rule: PlatformRule;
}

export interface LintSetting {
  readonly lowered: readonly LoweredRule[];
  readonly version: number;
}

export const noLintSetting: LintSetting = { lowered: [], version: 0 };

export interface LintChange {
  readonly channel: string;
  readonly rule: string;
  readonly severity: 'stop' | 'warn';
  readonly expectedVersion: number;
}

/** The setting after a change; the same one if there is nothing to change. */
export function changeRule(
  setting: LintSetting,
  { channel, rule: name, severity, expectedVersion }: LintChange,
): Decision<LintSetting, 'INVALID_INPUT' | 'VERSION_CONFLICT'> {
  const rule = platformRules.find((one) => one === name);
  if (rule === undefined || packOf(channel)?.rules[rule]?.severity !== 'stop')
    return refuse('INVALID_INPUT', 'rule', 'This rule stops nothing in this channel: see docs/outgoing-lint.md.');
  const others = setting.lowered.filter((one) => one.channel !== channel || one.rule !== rule);
  const isLowered = others.length < setting.lowered.length;
  if (isLowered === (severity === 'warn')) return accept(setting);
  if (setting.version !== expectedVersion) {
    const message = `The settings are at version ${setting.version} now: read them, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  return accept({ lowered: isLowered ? others : [...others, { channel, rule }], version: setting.version + 1 });
}

/** The rules that only warn in a channel. */
export function loweredIn({ lowered }: LintSetting, channel: string): PlatformRule[] {
  return lowered.filter((one) => one.channel === channel).map(({ rule }) => rule);
}
