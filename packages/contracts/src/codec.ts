import { FormatRegistry, type Static } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { type Envelope, EnvelopeSchema } from './envelope.ts';
import { type AnyEvent, eventDefinitions, type EventType } from './events.ts';
import { isUuid } from './ids.ts';
import type { TopicName } from './topics.ts';

FormatRegistry.Set('uuid', isUuid);
FormatRegistry.Set('date-time', (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value));

const envelopeCheck = TypeCompiler.Compile(EnvelopeSchema);
const dataChecks = new Map(
  eventDefinitions.map((definition) => [
    `${definition.type}@${definition.version}`,
    TypeCompiler.Compile(definition.data),
  ]),
);
const topicOfType = new Map<string, TopicName>(
  eventDefinitions.map((definition) => [definition.type, definition.topic]),
);

/** Thrown by the codec when an event breaks its contract. `problems` names each place, never the value. */
export class ContractViolation extends Error {
  override name = 'ContractViolation';
  readonly problems: string[];
  /** The readable part: the owner and type of the event; null if these cannot be read either. */
  readonly envelope: Envelope | null;
  constructor(problems: string[], envelope: Envelope | null = null) {
    super(`event breaks its contract: ${problems.join('; ')}`);
    this.problems = problems;
    this.envelope = envelope;
  }
}

/** Thrown by the codec for an unknown type or version, which a newer process published. */
export class UnknownEvent extends ContractViolation {
  override name = 'UnknownEvent';
}

/** The topic of an event type. */
export function topicOf(type: EventType): TopicName {
  const topic = topicOfType.get(type);
  if (topic === undefined) throw new ContractViolation([`unknown event type ${type}`]);
  return topic;
}

/** The current version of an event type. */
export function versionOf(type: EventType): number {
  const definition = eventDefinitions.find((candidate) => candidate.type === type);
  if (definition === undefined) throw new ContractViolation([`unknown event type ${type}`]);
  return definition.version;
}

interface Checker {
  Errors(value: unknown): Iterable<{ path: string; message: string }>;
}

function problemsOf(check: Checker, value: unknown, at: string): string[] {
  const problems: string[] = [];
  for (const error of check.Errors(value)) {
    problems.push(`${at}${error.path}: ${error.message}`);
    if (problems.length === 5) break;
  }
  return problems;
}

function envelopeOf(value: Static<typeof EnvelopeSchema>): Envelope {
  return { ...value, data: undefined };
}

/**
 * Checks an event against its contract. Unknown fields are allowed, so that an older consumer can read the events of a
 * newer producer; an unknown type or version is not.
 * @throws ContractViolation
 */
export function checkEvent(value: unknown): AnyEvent {
  if (!envelopeCheck.Check(value)) throw new ContractViolation(problemsOf(envelopeCheck, value, ''));
  const check = dataChecks.get(`${value.type}@${value.version}`);
  if (check === undefined)
    throw new UnknownEvent([`unknown event type or version ${value.type}@${value.version}`], envelopeOf(value));
  const data: unknown = Reflect.get(value, 'data');
  if (!check.Check(data)) throw new ContractViolation(problemsOf(check, data, '/data'), envelopeOf(value));
  return value as AnyEvent;
}

/**
 * Reads an event from the bytes of a record.
 * @throws ContractViolation for bytes that are not JSON or break the contract
 */
export function decodeEvent(bytes: Uint8Array): AnyEvent {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ContractViolation(['not JSON in UTF-8']);
  }
  return checkEvent(value);
}
