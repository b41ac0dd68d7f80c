import { type AnyEvent, type ChannelAccountId, eventDefinitions } from '@crossdesk/contracts';
import { accept, type Decision, isBlank, type UserError } from '@crossdesk/service-kit/decision';

type Problem = UserError<'INVALID_INPUT' | 'URL_FORBIDDEN'>;

/** What a person enters for an address, before it is checked. */
export interface EndpointInput {
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly accountIds: readonly ChannelAccountId[];
  readonly isEnabled: boolean;
}

export const endpointsMax = 20;
const urlCharactersMax = 2_000;
const descriptionCharactersMax = 200;
const patternsMax = 100;
const accountsMax = 200;

/** Checks the whole input, so that a person sees every problem at once. */
export function checkEndpoint(
  input: EndpointInput,
  allowPrivateAddresses: boolean,
): Decision<EndpointInput, Problem['code']> {
  const errors = [
    ...checkUrl(input.url, allowPrivateAddresses),
    ...checkDescription(input.description),
    ...checkPatterns(input.eventTypes),
    ...(input.accountIds.length > accountsMax
      ? [
          problem(
            'INVALID_INPUT',
            'accountIds',
            `At most ${accountsMax} accounts can be chosen: leave it empty for all.`,
          ),
        ]
      : []),
  ];
  if (errors.length > 0) return { ok: false, errors };
  const { eventTypes, accountIds } = input;
  return accept({
    url: new URL(input.url).href,
    description: input.description.trim(),
    eventTypes: [...new Set(eventTypes)].toSorted(),
    accountIds: [...new Set(accountIds)].toSorted(),
    isEnabled: input.isEnabled,
  });
}

/** The host name is checked here; the address it resolves to is checked at each call. */
function checkUrl(text: string, allowPrivateAddresses: boolean): Problem[] {
  if (text.length > urlCharactersMax || !URL.canParse(text))
    return [problem('INVALID_INPUT', 'url', 'url must be a full address such as https://hooks.example.com/crossdesk')];
  const url = new URL(text);
  const isWeb = allowPrivateAddresses
    ? url.protocol === 'https:' || url.protocol === 'http:'
    : url.protocol === 'https:' && url.port === '';
  if (isWeb && url.username === '' && url.password === '') return [];
  const message = 'url must begin with https:// and have no port and no user name. Check the signature instead.';
  return [problem('URL_FORBIDDEN', 'url', message)];
}

function checkDescription(text: string): Problem[] {
  if (!isBlank(text) && text.trim().length <= descriptionCharactersMax) return [];
  return [
    problem('INVALID_INPUT', 'description', `description must have 1 to ${descriptionCharactersMax} characters.`),
  ];
}

function checkPatterns(patterns: readonly string[]): Problem[] {
  if (patterns.length === 0 || patterns.length > patternsMax)
    return [
      problem('INVALID_INPUT', 'eventTypes', `eventTypes must have 1 to ${patternsMax} entries; "*" is all types.`),
    ];
  return patterns
    .filter((pattern) => !eventDefinitions.some(({ type }) => matches(pattern, type)))
    .map((pattern) => {
      const message = `No event type is called ${pattern.slice(0, 100)}: docs/events.md lists them; "ingest.*" takes all of a service.`;
      return problem('INVALID_INPUT', 'eventTypes', message);
    });
}

function problem(code: Problem['code'], field: string, message: string): Problem {
  return { code, message, path: ['input', field] };
}

/** A pattern is the name of a type, or the beginning of names and `*`. */
function matches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

/** Which events an address wants. */
export interface Subscription {
  readonly event_types: readonly string[];
  /** Empty: of all accounts, and of none. */
  readonly account_ids: readonly string[];
}

/** Whether an address wants an event; `accountId` is the account that it is about, null for none. */
export function wants(
  { event_types, account_ids }: Subscription,
  type: AnyEvent['type'],
  accountId: ChannelAccountId | null,
): boolean {
  const isOfAccount = account_ids.length === 0 || (accountId !== null && account_ids.includes(accountId));
  return isOfAccount && event_types.some((pattern) => matches(pattern, type));
}

export type EndpointState = 'active' | 'failing' | 'disabled';

/** What an address does now. */
export function stateOf(row: { readonly is_enabled: boolean; readonly probe_at: Date | null }): EndpointState {
  if (!row.is_enabled) return 'disabled';
  return row.probe_at === null ? 'active' : 'failing';
}
