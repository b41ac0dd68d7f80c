import { type MessageFormatElement, TYPE } from '@formatjs/icu-messageformat-parser';
import { dateFormat, numberFormat } from './formats.ts';
import { canonicalLocale } from './locale.ts';
import { missingCategories } from './missing-categories.ts';
import { branchesMax, elementsOf, parsePattern, patternCharactersMax, variableOf } from './pattern.ts';
import type { Variable, VariableType } from './variable.ts';

type ProblemCode =
  | 'EMPTY'
  | 'TOO_LONG'
  | 'UNKNOWN_LOCALE'
  | 'NOT_PARSABLE'
  | 'QUOTED_BRACE'
  | 'UNKNOWN_VARIABLE'
  | 'WRONG_TYPE'
  | 'UNKNOWN_STYLE'
  | 'MISSING_PLURAL';

/** Why a pattern cannot be used. */
export interface PatternProblem {
  readonly code: ProblemCode;
  /** Where it begins: the number of UTF-16 units before it. */
  readonly offset: number;
  /** For people; says what to do. */
  readonly message: string;
}

/** Checks a pattern for a locale: every problem that would show only when a message is rendered. */
export function checkPattern(pattern: string, locale: string, variables: readonly Variable[]): PatternProblem[] {
  const problem = (code: ProblemCode, message: string, offset = 0) => [{ code, offset, message }];
  if (pattern.trim() === '') return problem('EMPTY', 'The text is empty: write something.');
  if (pattern.length > patternCharactersMax)
    return problem(
      'TOO_LONG',
      `The text has ${pattern.length} characters; at most ${patternCharactersMax} are allowed.`,
    );
  if (canonicalLocale(locale) === null)
    return problem('UNKNOWN_LOCALE', `There is no language ${locale}: write BCP 47, for instance pt-BR.`);
  const parsed = tryParse(pattern);
  return 'code' in parsed
    ? [parsed]
    : elementsOf(parsed).flatMap((element) => checkElement(element, locale, variables));
}

function tryParse(pattern: string): MessageFormatElement[] | PatternProblem {
  try {
    // A long skeleton takes long to parse.
    const [long] = elementsOf(parsePattern(pattern, false)).filter(hasLongSkeleton);
    if (long !== undefined) return unknownStyle(long);
    const elements = parsePattern(pattern);
    const branches = elementsOf(elements).filter(({ type }) => type === TYPE.plural || type === TYPE.select).length;
    if (branches <= branchesMax) return elements;
    const message = `The text has ${branches} plurals and selections; at most ${branchesMax} are allowed.`;
    return { code: 'TOO_LONG', offset: 0, message };
  } catch (problem) {
    // The parser throws errors of several kinds, some of them without a place.
    if (!(problem instanceof Error)) throw problem;
    const location: unknown = Reflect.get(problem, 'location');
    const offset = offsetIn(location);
    const reason = problem.message.toLowerCase().replaceAll('_', ' ');
    return {
      code: 'NOT_PARSABLE',
      offset,
      message: `The text is no ICU message (${reason}): see its braces and commas.`,
    };
  }
}

function checkElement(element: MessageFormatElement, locale: string, variables: readonly Variable[]): PatternProblem[] {
  const offset = offsetIn(element.location);
  if (element.type === TYPE.literal && /[{}]/.test(element.value)) {
    const message = 'An apostrophe before a brace makes the brace text: write ’, or two apostrophes.';
    return [{ code: 'QUOTED_BRACE', offset, message }];
  }
  const name = variableOf(element);
  if (name === null) return [];
  const type = variables.find((variable) => variable.name === name)?.type;
  if (type === undefined) {
    const message = `The template has no variable ${name}: declare it, or write the name of another one.`;
    return [{ code: 'UNKNOWN_VARIABLE', offset, message }];
  }
  const wanted = typeFor(element);
  if (wanted !== null && wanted !== type) {
    return [
      {
        code: 'WRONG_TYPE',
        offset,
        message: `${name} is of the type ${type}: it cannot be shown as ${formatOf(element)}.`,
      },
    ];
  }
  if (!isStyleKnown(element, locale)) {
    return [unknownStyle(element)];
  }
  const missing = element.type === TYPE.plural ? missingCategories(element, locale) : [];
  if (missing.length === 0) return [];
  const message = `In ${locale} the plural of ${name} needs ${missing.join(', ')} as well.`;
  return [{ code: 'MISSING_PLURAL', offset, message }];
}

/** The type that a variable must have for this element; null for any. A time of day needs more than a date. */
function typeFor(element: MessageFormatElement): VariableType | 'time' | null {
  switch (element.type) {
    case TYPE.number:
    case TYPE.plural:
      return 'number';
    case TYPE.date:
      return 'date';
    case TYPE.time:
      return 'time';
    case TYPE.select:
      return 'text';
    default:
      return null;
  }
}

function formatOf({ type }: MessageFormatElement): string {
  return TYPE[type];
}

const skeletonCharactersMax = 60;

function hasLongSkeleton(element: MessageFormatElement): boolean {
  const isFormat = element.type === TYPE.number || element.type === TYPE.date || element.type === TYPE.time;
  const style = isFormat ? element.style : null;
  if (typeof style !== 'object' || style === null || style.location === undefined) return false;
  return style.location.end.offset - style.location.start.offset > skeletonCharactersMax;
}

function unknownStyle(element: MessageFormatElement): PatternProblem {
  const message = `${variableOf(element) ?? ''} has a style that does not exist: leave it out.`;
  return { code: 'UNKNOWN_STYLE', offset: offsetIn(element.location), message };
}

const numberStyles = ['integer', 'percent'];
const dateStyles = ['short', 'medium', 'long', 'full'];

function isStyleKnown(element: MessageFormatElement, locale: string): boolean {
  if (element.type !== TYPE.number && element.type !== TYPE.date) return true;
  const { style } = element;
  if (style === undefined || style === null) return true;
  if (typeof style === 'string') return (element.type === TYPE.number ? numberStyles : dateStyles).includes(style);
  try {
    if (element.type === TYPE.number) numberFormat(locale, { ...style.parsedOptions });
    else dateFormat(locale, { ...style.parsedOptions });
    return true;
  } catch (problem) {
    if (problem instanceof RangeError || problem instanceof TypeError) return false;
    throw problem;
  }
}

function offsetIn(location: unknown): number {
  const start: unknown = typeof location === 'object' && location !== null ? Reflect.get(location, 'start') : null;
  const offset: unknown = typeof start === 'object' && start !== null ? Reflect.get(start, 'offset') : null;
  return typeof offset === 'number' ? offset : 0;
}
