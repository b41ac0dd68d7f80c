import { EngineError } from '../../engine/engine-error.domain.ts';

/** @throws EngineError unless there is a translation for each text */
export function expectAll(texts: readonly string[], translations: readonly string[]): readonly string[] {
  if (texts.length === translations.length) return translations;
  throw new EngineError('rubbish', `${translations.length} translations of ${texts.length} texts`);
}

/** The language without script and country. */
export function baseOf(locale: string): string {
  return locale.split('-', 1)[0] ?? locale;
}

/** Whether Chinese is to be written in traditional characters. */
export function isTraditional(locale: string): boolean {
  return /^zh-(?:hant|tw|hk|mo)\b/i.test(locale);
}

export function isTagged(style: string): boolean {
  return style === 'xml' || style === 'html';
}
