import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LintRule, lintRules } from '../src/finding.ts';

export interface Reply {
  readonly language: string;
  readonly text: string;
}

interface OrdinaryReply extends Reply {
  readonly isAboutSentOrder: boolean;
}

/** The lines of a file of replies: `language: text`, or `language sent: text` if it says that the order has left. */
export function readReplies(name: string): OrdinaryReply[] {
  return readFileSync(join(import.meta.dirname, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      language: line.slice(0, 2),
      text: line.slice(line.indexOf(':') + 1).trim(),
      isAboutSentOrder: /^.. sent:/.test(line),
    }));
}

export interface Planted extends Reply {
  readonly rule: LintRule;
}

/** The lines of a file of violations: `language|rule|text`. */
export function readPlanted(file: string): Planted[] {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [language = '', name = '', text = ''] = line.split('|');
      const rule = lintRules.find((one) => one === name);
      if (rule === undefined) throw new Error(`${name} is no rule`);
      return { language, rule, text };
    });
}
