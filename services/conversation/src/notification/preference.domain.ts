import type { AgentId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import { type NotificationKind, notificationKinds } from './notification.domain.ts';

/** How somebody is told: not at all, or in the app. */
export const notificationWays = ['off', 'in-app'] as const;
export type NotificationWay = (typeof notificationWays)[number];

/** Minutes since local midnight; a span may go over midnight. */
export interface QuietHours {
  readonly fromMin: number;
  readonly untilMin: number;
}

export interface Preferences {
  readonly tenantId: TenantId;
  readonly agentId: AgentId;
  readonly ways: Readonly<Partial<Record<NotificationKind, NotificationWay>>>;
  readonly quiet: QuietHours | null;
  /** IANA. */
  readonly zone: string;
  /** 0 before the first change. */
  readonly version: number;
}

export function defaultPreferences(tenantId: TenantId, agentId: AgentId): Preferences {
  return { tenantId, agentId, ways: {}, quiet: null, zone: 'UTC', version: 0 };
}

export function wayOf({ ways }: Preferences, kind: NotificationKind): NotificationWay {
  return ways[kind] ?? 'in-app';
}

/** How somebody is told of a kind. */
export interface Choice {
  readonly kind: NotificationKind;
  readonly way: NotificationWay;
}

export function allWays(preferences: Preferences): Choice[] {
  return notificationKinds.map((kind) => ({ kind, way: wayOf(preferences, kind) }));
}

const minutesOfDay = 1_440;

/** Milliseconds until the quiet hours end; 0 outside of them. */
export function quietForMs({ quiet, zone }: Preferences, now: Date): number {
  if (quiet === null) return 0;
  const sinceFrom = spanOf(quiet.fromMin, localMinute(zone, now));
  const length = spanOf(quiet.fromMin, quiet.untilMin);
  return sinceFrom < length ? (length - sinceFrom) * 60_000 - (now.getTime() % 60_000) : 0;
}

function spanOf(fromMin: number, toMin: number): number {
  return (toMin - fromMin + minutesOfDay) % minutesOfDay;
}

function localMinute(zone: string, at: Date): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const [hours = '0', minutes = '0'] = format.format(at).split(':');
  return Number(hours) * 60 + Number(minutes);
}

export interface PreferencesInput {
  readonly ways: readonly Choice[];
  /** `HH:MM`; null: none. */
  readonly quiet: { readonly from: string; readonly until: string } | null;
  readonly zone: string;
}

/** The preferences after somebody chose. What is not named stays as it is. */
export function choose(
  present: Preferences,
  { ways, quiet, zone }: PreferencesInput,
): Decision<Preferences, 'INVALID_INPUT'> {
  if (!isZone(zone))
    return refuse('INVALID_INPUT', 'zone', `There is no time zone ${zone}: write Asia/Shanghai, for instance.`);
  const hours = quiet === null ? null : { fromMin: minuteIn(quiet.from), untilMin: minuteIn(quiet.until) };
  if (
    hours !== null &&
    (Number.isNaN(hours.fromMin) || Number.isNaN(hours.untilMin) || hours.fromMin === hours.untilMin)
  )
    return refuse('INVALID_INPUT', 'quietHours', 'Write two different times of the day, for instance 22:00 and 07:30.');
  const chosen = Object.fromEntries(ways.map(({ kind, way }) => [kind, way]));
  return accept({ ...present, ways: { ...present.ways, ...chosen }, quiet: hours, zone });
}

function minuteIn(text: string): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return Number(hours) * 60 + Number(minutes);
}

export function timeOf(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function isZone(zone: string): boolean {
  if (zone.length > 100) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
