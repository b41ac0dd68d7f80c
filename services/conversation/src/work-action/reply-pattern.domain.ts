import { checkPattern, readValues, renderPattern, type Variable } from '@crossdesk/message-template';
import { accept, type Decision, refuse, type Refused } from '@crossdesk/service-kit/decision';

/** What the text of a macro or a bulk reply may show. */
const replyVariables: readonly Variable[] = [
  { name: 'buyerName', type: 'text' },
  { name: 'conversationNumber', type: 'text' },
  { name: 'agentName', type: 'text' },
  { name: 'orderNumber', type: 'text' },
  { name: 'trackingNumber', type: 'text' },
];

/** Every variable is a text, which is the same in every language. */
const locale = 'en';

/** The values of the variables; one that is not known is left out. */
export type ReplyValues = ReadonlyMap<string, string>;

/** Refuses a text that could be rendered for nobody. */
export function refusePattern(field: string, pattern: string): Refused<'INVALID_INPUT'> | null {
  const [problem] = checkPattern(pattern, locale, replyVariables);
  return problem === undefined ? null : refuse('INVALID_INPUT', field, problem.message);
}

/** Whether a text shows any value. */
export function hasVariables(pattern: string): boolean {
  return pattern.includes('{');
}

/** The text for one buyer. A hole is never sent. */
export function fillReply(pattern: string, values: ReplyValues): Decision<string, 'VALUE_MISSING'> {
  const filled = renderPattern(pattern, locale, replyVariables, readValues(replyVariables, values));
  if (filled.ok) return accept(filled.text);
  const names = [...filled.missing, ...filled.malformed].join(', ');
  return refuse('VALUE_MISSING', 'text', `The text shows ${names}, which is not known for this conversation.`);
}
