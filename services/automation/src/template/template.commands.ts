import { newId, type TemplateId, type TemplateVariantId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { setEnabled, type Template, type TemplateContent, upsert } from './template.domain.ts';
import { templateChanged } from './template.events.ts';
import { lockKey, lockTemplate, saveTemplate } from './template.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

export interface UpsertTemplateInput {
  readonly key: string;
  /** Null to create a template. */
  readonly expectedVersion: number | null;
  readonly content: TemplateContent;
}

/** Creates the template with this key, or replaces what is in it. */
export async function upsertTemplate(
  deps: Deps,
  call: CommandCall<DB>,
  { key, expectedVersion, content }: UpsertTemplateInput,
): Promise<Outcome<Template, 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const { tenantId } = call.actor;
  const present = await lockKey(call.trx, tenantId, key);
  const blank = { tenantId, id: present?.id ?? newId<TemplateId>(), key };
  const newVariantId = () => newId<TemplateVariantId>();
  const decision = upsert(present, blank, { expectedVersion, content, now: deps.clock.now(), newVariantId });
  return decision.ok ? record(deps, call, present, decision.value) : decision;
}

export interface SetTemplateEnabledInput {
  readonly templateId: TemplateId;
  readonly expectedVersion: number;
  readonly isEnabled: boolean;
}

export async function setTemplateEnabled(
  deps: Deps,
  call: CommandCall<DB>,
  { templateId, ...change }: SetTemplateEnabledInput,
): Promise<Outcome<Template, 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const present = await lockTemplate(call.trx, call.actor.tenantId, templateId);
  if (present === null) return noTemplate;
  const decision = setEnabled(present, { ...change, now: deps.clock.now() });
  return decision.ok ? record(deps, call, present, decision.value) : decision;
}

/** Saves and publishes a template; one that the decision left as it is is only returned. */
async function record({ outbox }: Deps, { trx, origin }: CommandCall<DB>, present: Template | null, next: Template) {
  if (next === present) return unchanged(next);
  const aggregate = await saveTemplate(trx, next);
  await outbox.append(trx, [templateChanged(aggregate, next, origin)]);
  return changed(next, next.id);
}

const noTemplate = refuse('NOT_FOUND', 'templateId', 'There is no template with this id: take one from templates.');
