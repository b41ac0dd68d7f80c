import type { Intent } from '../../analysis/labels.domain.ts';
import { understand } from '../../analysis/understand.ts';
import type { TextContent } from './article.domain.ts';

/** What buyers want who need the article, as far as title and questions show it for sure. */
export function intentsOf({ title, questions, locale }: TextContent): Intent[] {
  const sure = [title, ...questions]
    .flatMap((line) => understand(line, locale).intents)
    .filter(({ isCertain, intent }) => isCertain && intent !== 'thanks_other');
  return [...new Set(sure.map(({ intent }) => intent))].sort();
}
