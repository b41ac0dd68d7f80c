import type { TemplateId, TemplateVariantId, TenantId } from '@crossdesk/contracts';
import { type Attempt, canonicalLocale, renderBest, type Rendered, type Variable } from '@crossdesk/message-template';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import type { Recipient } from '../recipient/recipient.domain.ts';

/** What a template is used for. */
export const situations = [
  'where-is-my-order',
  'shipped',
  'delayed',
  'out-of-stock',
  'return-how-to',
  'refund-done',
  'cancellation-done',
  'damaged-item',
  'invoice',
  'greeting',
  'away',
  'goodbye',
  'other',
] as const;
export type Situation = (typeof situations)[number];

/** The words for a language; market and channel are null for all. */
export interface VariantContent {
  readonly locale: string;
  readonly market: string | null;
  readonly channel: string | null;
  readonly isEnabled: boolean;
  readonly text: string;
}

export interface TemplateVariant extends VariantContent {
  readonly id: TemplateVariantId;
}

/** What people write. The variants are in the order of locale, market and channel. */
export interface TemplateContent {
  readonly name: string;
  readonly situation: Situation;
  readonly variables: readonly Variable[];
  readonly fallbackLocales: readonly string[];
  readonly variants: readonly VariantContent[];
}

export interface Template extends TemplateContent {
  readonly tenantId: TenantId;
  readonly id: TemplateId;
  readonly key: string;
  readonly isEnabled: boolean;
  readonly variants: readonly TemplateVariant[];
  /** The version that wrote the variants. */
  readonly variantsVersion: number;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface Upsert {
  /** Null for a caller who knows of no template with this key. */
  readonly expectedVersion: number | null;
  readonly content: TemplateContent;
  readonly now: Date;
  newVariantId(): TemplateVariantId;
}

/** What a new template is, before it has words. */
export type Blank = Pick<Template, 'tenantId' | 'id' | 'key'>;

/**
 * Creates a template, or replaces what is in it. The content that it has already is accepted whatever the version, so
 * that a request can be repeated.
 */
export function upsert(
  present: Template | null,
  blank: Blank,
  { expectedVersion, content, now, newVariantId }: Upsert,
): Decision<Template, 'NOT_FOUND' | 'VERSION_CONFLICT'> {
  if (present !== null && isSame(present, content)) return accept(present);
  if (present === null && expectedVersion !== null)
    return refuse('NOT_FOUND', 'key', 'There is no template with this key: leave expectedVersion out to create it.');
  if (present !== null && present.version !== expectedVersion) return changedMeanwhile(present);
  const version = (present?.version ?? 0) + 1;
  return accept({
    ...blank,
    isEnabled: true,
    createdAt: now,
    ...present,
    ...content,
    variants: content.variants.map((variant) => ({ ...variant, id: newVariantId() })),
    variantsVersion: version,
    version,
    updatedAt: now,
  });
}

/** Enables or disables a template; a disabled one is never chosen. */
export function setEnabled(
  template: Template,
  change: { readonly expectedVersion: number; readonly isEnabled: boolean; readonly now: Date },
): Decision<Template, 'VERSION_CONFLICT'> {
  const { expectedVersion, isEnabled, now } = change;
  if (template.isEnabled === isEnabled) return accept(template);
  if (template.version !== expectedVersion) return changedMeanwhile(template);
  return accept({ ...template, isEnabled, version: template.version + 1, updatedAt: now });
}

function changedMeanwhile({ version }: Template) {
  return refuse(
    'VERSION_CONFLICT',
    'expectedVersion',
    `The template is at version ${version} now: read it, then decide again.`,
  );
}

function isSame(one: TemplateContent, other: TemplateContent): boolean {
  return JSON.stringify(comparable(one)) === JSON.stringify(comparable(other));
}

function comparable({ name, situation, variables, fallbackLocales, variants }: TemplateContent) {
  return {
    name,
    situation,
    variables: variables.map((variable) => [variable.name, variable.type]),
    fallbackLocales,
    variants: variants.map(({ locale, market, channel, isEnabled, text }) => [
      locale,
      market,
      channel,
      isEnabled,
      text,
    ]),
  };
}

interface RenderedTemplate {
  readonly best: Rendered<TemplateVariant>['best'];
  readonly attempts: readonly (
    | Attempt<TemplateVariant>
    | { readonly variant: TemplateVariant; readonly outcome: 'TEMPLATE_DISABLED'; readonly variables: readonly [] }
  )[];
}

/** The message of a template for a recipient. */
export function render(
  template: Template,
  { locale, ...recipient }: Recipient,
  values: ReadonlyMap<string, string>,
): RenderedTemplate {
  const { isEnabled, variants, fallbackLocales } = template;
  if (!isEnabled) {
    const attempts = variants.map((variant) => ({ variant, outcome: 'TEMPLATE_DISABLED', variables: [] }) as const);
    return { best: null, attempts };
  }
  return renderBest(template, { ...recipient, locale: canonicalLocale(locale) ?? locale, fallbackLocales }, values);
}
