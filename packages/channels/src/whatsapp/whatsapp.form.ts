import { answerJson, text } from '../shared/platform-json.ts';

interface Answer {
  readonly name: string;
  readonly value: string;
}

const answersMax = 100;
const depthMax = 4;
/** Meta's own field in the answers of a flow: a name of the session, not an answer. */
const tokenName = 'flow_token';

/**
 * The answers in `nfm_reply.response_json`, nested ones as `a.b`: JSON in a text, or the object itself. Text that is not
 * JSON is one answer.
 */
export function formAnswers(responseJson: unknown): Answer[] {
  const raw = text(responseJson);
  const response = raw === null ? responseJson : answerJson(raw);
  if (typeof response === 'object' && response !== null) return answersIn(response, []).slice(0, answersMax);
  return raw === null ? [] : [{ name: 'response', value: raw }];
}

function answersIn(value: unknown, path: readonly string[]): Answer[] {
  const name = path.join('.');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    const words = text(String(value));
    return words === null ? [] : [{ name, value: words }];
  }
  if (typeof value !== 'object' || value === null || path.length >= depthMax) return [];
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return answersIn(value.join(', '), path);
  return Object.entries(value)
    .slice(0, answersMax)
    .filter(([key]) => key !== tokenName)
    .flatMap(([key, part]) => answersIn(part, [...path, key]));
}
