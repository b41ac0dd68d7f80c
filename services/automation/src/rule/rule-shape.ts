import { writtenCondition } from '@crossdesk/condition';
import { fromEnum, toEnum } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { Leaf } from './condition.domain.ts';
import { weekdays } from './field.domain.ts';
import { actionTypes, type Hours, limitScopes, triggers } from './rule.domain.ts';
import type { WrittenHours, WrittenRule } from './rule-input.domain.ts';

/** A rule as the API writes it, in our words. */
export function writtenRule(input: graphql.RuleInput): WrittenRule {
  return {
    name: input.name,
    trigger: fromEnum(triggers, input.trigger),
    afterMinutes: input.afterMinutes ?? null,
    condition: writtenCondition(input.condition ?? { all: [] }),
    actions: input.actions.map(({ type, value }) => ({ type: fromEnum(actionTypes, type), value })),
    stops: input.stops ?? false,
    limits: (input.limits ?? []).map(({ scope, times, hours }) => ({
      scope: fromEnum(limitScopes, scope),
      times,
      hours,
    })),
    timeZone: input.timeZone ?? 'UTC',
    schedule: (input.schedule ?? []).map(writtenHours),
  };
}

export function writtenHours({ weekdays: days, from, to }: graphql.RuleHoursInput): WrittenHours {
  return { weekdays: days.map((day) => fromEnum(weekdays, day)), from, to };
}

export function shownLeaf({ field, op, values }: Leaf): graphql.RuleLeaf {
  return { field, op: toEnum(op), values: [...values] };
}

export function shownHours({ weekdays: days, fromMinute, toMinute }: Hours): graphql.RuleHours {
  return { weekdays: days.map((day) => toEnum(day)), from: timeOfDay(fromMinute), to: timeOfDay(toMinute) };
}

function timeOfDay(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
