import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { check } from 'recheck';
import { root } from '../repository.ts';

/** A regular expression in a source file; its source is null if the program builds it. */
export interface Pattern {
  /** File and line. */
  readonly place: string;
  readonly source: string | null;
  readonly flags: string;
}

/** Product code: what runs on input. */
const productGlob = '{packages,services,apps}/*/src/**/*.ts';

/** Every regular expression of one file, in the order of the text. */
export function patternsIn(path: string, text: string): Pattern[] {
  const patterns: Pattern[] = [];
  const add = (offset: number, source: string | null, flags: string) => {
    patterns.push({ place: `${path}:${text.slice(0, offset).split('\n').length}`, source, flags });
  };
  new Visitor({
    Literal(node) {
      if ('regex' in node) add(node.start, node.regex.pattern, node.regex.flags);
    },
    NewExpression(node) {
      if (isRegExp(node.callee)) add(node.start, null, '');
    },
    CallExpression(node) {
      if (isRegExp(node.callee)) add(node.start, null, '');
    },
  }).visit(parseSync(path, text).program);
  return patterns;
}

function isRegExp(callee: { readonly type: string; readonly name?: unknown }): boolean {
  return callee.type === 'Identifier' && callee.name === 'RegExp';
}

export async function readPatterns(): Promise<Pattern[]> {
  const paths = globSync(productGlob, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  const product = paths.filter((path) => !path.endsWith('.test.ts')).sort();
  const found = await Promise.all(
    product.map(async (path) => patternsIn(path, await readFile(join(root, path), 'utf8'))),
  );
  return found.flat();
}

/** What is wrong with a pattern, with its place; null if every text is matched in linear time. It takes the time that it takes. */
export async function problemOf({ place, source, flags }: Pattern): Promise<string | null> {
  if (source === null) return `${place} builds a regular expression: write it as a literal, or compare text`;
  const found = await check(source, flags, { timeout: null });
  if (found.status === 'safe') return null;
  // Its search by trial takes for proof that a match took long, which on a busy machine any match does.
  if (found.status === 'vulnerable' && found.checker === 'fuzz' && !isSlow(source, flags, found.attack.string))
    return null;
  const why =
    found.status === 'vulnerable' ? `backtracks on ${found.attack.pattern}` : `not checked: ${found.error.kind}`;
  return `${place} /${source}/${flags} ${why}`;
}

/** Such texts have some ten thousand characters: a linear match takes about a millisecond, a quadratic one seconds. */
const slowCpuMs = 250;

function isSlow(source: string, flags: string, text: string): boolean {
  const before = process.cpuUsage();
  new RegExp(source, flags).test(text);
  return process.cpuUsage(before).user > slowCpuMs * 1_000;
}
