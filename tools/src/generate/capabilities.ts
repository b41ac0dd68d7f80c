import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { type Generated, generatedMark } from './generated-file.ts';

/** A capability that a test shows through a public interface. */
interface Shown {
  readonly id: string;
  readonly sentence: string;
  /** The file of the test, from the root. */
  readonly test: string;
}

/** The ids and the rest of a test title: `S1-2.1 S5-1.1: a sentence`. The colon may be left out. */
const titles = /\btest(?:\.each\([^\n]{0,200}?\))?\(\s*(['"`])((?:S\d-\d{1,2}\.\d{1,2} ?)+):? ?([^\n]{1,300}?)\1/g;

export function capabilitiesIn(test: string, source: string): Shown[] {
  return [...source.matchAll(titles)].flatMap(([, , ids = '', sentence = '']) =>
    ids
      .trim()
      .split(' ')
      .map((id) => ({ id, sentence, test })),
  );
}

/** The page of the capabilities that tests show, named by the ids of the product's checklist. */
export function generateCapabilities(): Generated {
  const tests = globSync('{apps,packages,services,reliability,tools}/**/*.{int.test,e2e.test,kafka.test,cases}.ts', {
    cwd: root,
    exclude: (path) => path.includes('node_modules') || path.includes('generate'),
  });
  const shown = tests
    .map((test) => test.replaceAll('\\', '/'))
    .toSorted()
    .flatMap((test) => capabilitiesIn(test, readFileSync(join(root, test), 'utf8')));
  const byId = Map.groupBy(shown, ({ id }) => id);
  const ids = [...byId.keys()].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const rows = ids.flatMap((id) => (byId.get(id) ?? []).map((one, index) => rowOf(one, index === 0)));
  const text = [
    `<!-- ${generatedMark} -->`,
    '# What is shown to work',
    `A line for each capability of the product's checklist that a test shows through a public interface: GraphQL, webhooks or topics. The ids stand at the beginning of the titles of the tests, from which this page is made. ${ids.length} capabilities have such a test; what is not here has none yet, or only in part.`,
    ['| capability | what the test shows | state | test |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
  return { files: [{ path: 'docs/capabilities.md', text: `${text}\n` }], refusals: [], notes: [] };
}

function rowOf({ id, sentence, test }: Shown, isFirst: boolean): string {
  const name = test.split('/').at(-1) ?? test;
  return `| ${isFirst ? id : ''} | ${sentence.replaceAll('|', '\\|')} | tested | [${name}](../${test}) |`;
}
