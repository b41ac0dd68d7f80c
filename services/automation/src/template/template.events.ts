import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Template } from './template.domain.ts';

export function templateChanged(
  aggregate: LockedAggregate,
  template: Template,
  origin: Origin,
): EventDraft<'automation.template-changed'> {
  const { id, key, name, situation, isEnabled, variables, fallbackLocales, variants } = template;
  return {
    aggregate,
    type: 'automation.template-changed',
    origin,
    data: {
      templateId: id,
      key,
      name,
      situation,
      isEnabled,
      variables: variables.map(({ name: variable, type }) => ({ name: variable, type })),
      fallbackLocales: [...fallbackLocales],
      variants: variants.map(({ id: variantId, locale, market, channel, isEnabled: isUsed }) => ({
        variantId,
        locale,
        market,
        channel,
        isEnabled: isUsed,
      })),
    },
  };
}
