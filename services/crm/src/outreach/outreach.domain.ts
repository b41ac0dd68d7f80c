import type {
  ChannelAccountId,
  ConversationId,
  CustomerId,
  DecisionId,
  MessageId,
  SurveyPolicyId,
  TenantId,
} from '@crossdesk/contracts';
import { recordOf } from '@crossdesk/channels';
import { checkPattern, canonicalLocale, renderBest, type Variable } from '@crossdesk/message-template';
import { refuse, type Refused } from '@crossdesk/service-kit/decision';
import type { Purpose } from '../consent/consent.domain.ts';
import type { GateCheck } from './gate.domain.ts';

/** What plans messages. */
export type OutreachKind = 'stage-notice' | 'survey' | 'campaign';
/** The side of an experiment. */
export type Arm = 'message' | 'hold-out';
export type OutreachState = 'planned' | 'decided' | 'sent' | 'failed' | 'suppressed' | 'refused';

/** A text of a message in one language: ICU MessageFormat. */
export interface LocalText {
  readonly locale: string;
  readonly text: string;
  /** Only on this channel; missing or null: on all. */
  readonly channel?: string | null | undefined;
}

/** What is planned for one person. */
export interface PlannedOutreach {
  readonly tenantId: TenantId;
  readonly id: DecisionId;
  readonly kind: OutreachKind;
  readonly purpose: Purpose;
  /** Planned once for each key of a workspace. */
  readonly dedupeKey: string;
  /** What it is about: a person is written to once about it. */
  readonly subject: string;
  readonly profileId: CustomerId;
  readonly accountId: ChannelAccountId | null;
  readonly texts: readonly LocalText[];
  readonly variables: Readonly<Record<string, string>>;
  /** In ten thousandths. */
  readonly holdOutShare: number;
  /** The side of the experiment, if the planner has chosen it; null: the gate does, by the share. */
  readonly arm: Arm | null;
  readonly zone: string;
  readonly dueAt: Date;
  readonly notAfter: Date;
}

export interface Outreach extends Omit<PlannedOutreach, 'dedupeKey' | 'dueAt'> {
  readonly plannedAt: Date;
  readonly dueAt: Date | null;
  readonly tries: number;
  readonly state: OutreachState;
  readonly reason: string | null;
  readonly trace: readonly GateCheck[];
  readonly conversationId: ConversationId | null;
  readonly messageId: MessageId | null;
  readonly decidedAt: Date | null;
  readonly settledAt: Date | null;
}

/** What the texts of each kind may contain. */
const variablesOf: Readonly<Record<OutreachKind, readonly Variable[]>> = {
  'stage-notice': ['name', 'order', 'tracking'].map(textVariable),
  survey: ['name'].map(textVariable),
  campaign: ['name', 'order', 'sku'].map(textVariable),
};
function textVariable(name: string): Variable {
  return { name, type: 'text' };
}
const localesMax = 30;

/** Refuses texts that could not be rendered. */
export function refuseTexts(kind: OutreachKind, texts: readonly LocalText[]): Refused<'INVALID_INPUT'> | null {
  if (texts.length === 0 || texts.length > localesMax)
    return refuse('INVALID_INPUT', 'texts', `Write the text in 1 to ${localesMax} languages.`);
  const locales = texts.map(({ locale }) => canonicalLocale(locale));
  const places = texts.map(({ channel }, n) => `${locales[n] ?? ''} ${channel ?? ''}`);
  if (texts.some(({ channel }) => channel != null && recordOf(channel) === null))
    return refuse('INVALID_INPUT', 'texts', 'There is no such channel: take a name from channels, like whatsapp.');
  if (locales.includes(null))
    return refuse('INVALID_INPUT', 'texts', 'A locale is no BCP 47 language: write it like pt-BR.');
  if (new Set(places).size < texts.length)
    return refuse('INVALID_INPUT', 'texts', 'A language has two texts: keep one.');
  for (const { locale, text } of texts) {
    const [problem] = checkPattern(text, canonicalLocale(locale) ?? locale, variablesOf[kind]);
    if (problem !== undefined) return refuse('INVALID_INPUT', 'texts', `${locale}: ${problem.message}`);
  }
  return null;
}

/** The text for a buyer, in their language or else the first one. Null: a variable that is used has no value. */
export function textFor(
  { kind, texts, variables }: Pick<Outreach, 'kind' | 'texts' | 'variables'>,
  {
    locale,
    name,
    channel,
  }: { readonly locale: string | null; readonly name: string | null; readonly channel: string | null },
): string | null {
  const variants = texts.map((one) => ({
    locale: canonicalLocale(one.locale) ?? one.locale,
    text: one.text,
    market: null,
    channel: one.channel ?? null,
    isEnabled: true,
  }));
  const first = variants[0]?.locale;
  if (first === undefined) return null;
  const recipient = { locale: locale ?? first, market: null, channel, fallbackLocales: [first] };
  const values = new Map(Object.entries(variables));
  if (name !== null) values.set('name', name);
  return renderBest({ variables: variablesOf[kind], variants }, recipient, values).best?.text ?? null;
}

interface SurveyOf {
  readonly policyId: SurveyPolicyId;
  readonly conversationId: ConversationId;
  readonly cycle: number;
}

/** What all surveys of a policy are about begins with it. */
export function surveySubjectPrefix(policyId: SurveyPolicyId): string {
  return `survey ${policyId} `;
}

/** What a survey is about: a buyer is asked once by a policy in a cycle of a conversation. */
export function surveySubject({ policyId, conversationId, cycle }: SurveyOf): string {
  return `${surveySubjectPrefix(policyId)}${conversationId} ${cycle}`;
}

/** The thread on which alone a message may go out: a survey is about what was said there. Null: any. */
export function threadOf({ kind, subject }: Pick<Outreach, 'kind' | 'subject'>): string | null {
  return kind === 'survey' ? (subject.split(' ')[2] ?? null) : null;
}
