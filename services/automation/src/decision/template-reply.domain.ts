import { capabilitiesOf, findSendProblem } from '@crossdesk/channels';
import { accept, type Decision, refuse, type Refused } from '@crossdesk/service-kit/decision';
import type { Recipient } from '../recipient/recipient.domain.ts';
import { render, type Template } from '../template/template.domain.ts';
import type { ReplyDecision } from './decision.domain.ts';

export type TemplateReply = Pick<ReplyDecision, 'content' | 'template'>;

/** The message of a template; refused with what became of each variant that fits. */
export function templateReply(
  template: Template,
  recipient: Recipient,
  values: ReadonlyMap<string, string>,
): Decision<TemplateReply, 'TEMPLATE_NOT_RENDERED'> {
  const { best, attempts } = render(template, recipient, values);
  if (best === null) return notRendered(attempts);
  const { id: variantId, locale } = best.variant;
  return accept({
    content: { kind: 'text', text: best.text },
    template: { templateId: template.id, variantId, locale },
  });
}

function notRendered(attempts: ReturnType<typeof render>['attempts']): Refused<'TEMPLATE_NOT_RENDERED'> {
  const lacking = attempts.find(({ outcome }) => outcome === 'MISSING_VALUE' || outcome === 'MALFORMED_VALUE');
  if (lacking !== undefined) {
    const names = lacking.variables.join(', ');
    return refuse('TEMPLATE_NOT_RENDERED', 'values', `Give the values that the template needs: ${names}.`);
  }
  const isDisabled = attempts.some(({ outcome }) => outcome === 'TEMPLATE_DISABLED');
  const message = isDisabled
    ? 'The template is disabled: enable it, or take another.'
    : 'No text of the template is for this language, market and channel: renderTemplate shows what was tried.';
  return refuse('TEMPLATE_NOT_RENDERED', 'templateId', message);
}

/** Refuses what the channel would not take, by the rule that conversation and ingest apply later. */
export function refuseSending(
  { channel, last_inbound_at: lastInboundAt }: { readonly channel: string; readonly last_inbound_at: Date | null },
  content: ReplyDecision['content'],
  now: Date,
): Refused<'KIND_NOT_SUPPORTED' | 'TEXT_TOO_LONG' | 'WINDOW_CLOSED'> | null {
  const problem = findSendProblem(capabilitiesOf(channel), { content, lastInboundAt }, now);
  if (problem === null) return null;
  // A template names no uploaded file, so none can be too large.
  const code = problem.code === 'FILE_TOO_LARGE' ? 'KIND_NOT_SUPPORTED' : problem.code;
  return refuse(code, problem.code === 'WINDOW_CLOSED' ? 'conversationId' : 'templateId', problem.message);
}
