import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';

export const patternCharactersMax = 4_000;
/** Plurals and selections. */
export const branchesMax = 20;

/**
 * Parses ICU MessageFormat. `<` is a character like any other. Skeletons, as in `{day, date, ::yMMMM}`, have no options
 * yet if they are not wanted. @throws Error with the place of the problem
 */
export function parsePattern(pattern: string, withSkeletons = true): MessageFormatElement[] {
  return parse(pattern, { ignoreTag: true, captureLocation: true, shouldParseSkeletons: withSkeletons });
}

/** All elements, also those inside of the cases of plurals and selections. */
export function elementsOf(elements: readonly MessageFormatElement[]): MessageFormatElement[] {
  return elements.flatMap((element) => [element, ...casesOf(element).flatMap(elementsOf)]);
}

function casesOf(element: MessageFormatElement): MessageFormatElement[][] {
  if (element.type !== TYPE.plural && element.type !== TYPE.select) return [];
  return Object.values(element.options).map(({ value }) => value);
}

/** The name of the variable that an element shows; null for text and for the number sign of a plural. */
export function variableOf(element: MessageFormatElement): string | null {
  const isText = element.type === TYPE.literal || element.type === TYPE.pound || element.type === TYPE.tag;
  return isText ? null : element.value;
}
