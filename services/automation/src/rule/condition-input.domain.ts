import { parseChannel } from '@crossdesk/channels';
import { type Registry, readCondition as readIn, type Report, type WrittenCondition } from '@crossdesk/condition';
import { parseId } from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';
import { canonicalLocale } from '@crossdesk/message-template';
import type { UserError } from '@crossdesk/service-kit/decision';
import type { Condition } from './condition.domain.ts';
import { type FieldName, fields } from './field.domain.ts';
import { readPhrase } from './phrase.domain.ts';

type Problem = UserError<'INVALID_INPUT'>;
type Path = readonly (string | number)[];

const registry: Registry<FieldName> = {
  fields,
  depthMax: 4,
  leavesMax: 20,
  readOpen: readOpenWord,
  exampleOf: (field) => examples[field] ?? 'Write a word of at most 40 letters and digits.',
};

/** Decodes a condition. Every problem is reported with its place; a condition with problems is not to be used. */
export function readCondition(written: WrittenCondition, path: Path, report: Report): Condition {
  return readIn(written, registry, path, report);
}

function readOpenWord(field: FieldName, text: string): string | null {
  switch (field) {
    case 'message.words':
      return readPhrase(text) === null ? null : text;
    case 'message.account':
      return parseId(text);
    case 'message.channel':
      return parseChannel(text.toLowerCase().replaceAll('_', '-'));
    case 'message.language':
      return canonicalLocale(text)?.split('-')[0] ?? null;
    case 'customer.tags':
      return foldedName(text) === '' ? null : foldedName(text);
    case 'customer.tier':
      return /^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(text) ? text.toUpperCase() : null;
    case 'order.currency':
      return /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : null;
    default:
      return /^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(text) ? text.toLowerCase().replaceAll('-', '_') : null;
  }
}

const examples: Readonly<Partial<Record<FieldName, string>>> = {
  'message.account': 'Write the id of a channel account.',
  'message.channel': 'This version has no such channel: write one as the API names it, for instance SHOPEE.',
  'message.language': 'This is no language: write BCP 47, for instance pt.',
  'customer.tags': 'Write the name of a tag of customers.',
  'customer.tier': 'Write the name of a tier, for instance HIGH_VALUE.',
  'order.currency': 'Write three letters, for instance EUR.',
};

/** A problem as a refusal shows it. */
export function invalid(path: Path, message: string): Problem {
  return { code: 'INVALID_INPUT', message, path: path.map(String) };
}
