import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { standInsVariable } from './environment.ts';

/**
 * A variant of the product: files of stand-ins, which its processes load in place of modules of the product. A stand-in has
 * one `export * from` line, which names the module that it replaces, and exports of its own in place of some of that
 * module's. No source changes; without stand-ins the variant is the product itself.
 */
export type Variant = readonly string[];

/** Thrown when a stand-in does not fit the product any more: what it replaces was moved, renamed or removed. */
export class SeamIsGone extends Error {
  override name = 'SeamIsGone';
}

/** The file that a stand-in replaces. */
function replacedFile(standIn: string): string {
  const lines = [...readFileSync(standIn, 'utf8').matchAll(/^export \* from '(\..+)';$/gm)];
  const path = lines[0]?.[1];
  if (path === undefined || lines.length > 1)
    throw new SeamIsGone(`${standIn} must have exactly one line "export * from" with a relative path`);
  return join(dirname(standIn), path);
}

/** Environment for a process that loads the stand-ins of a variant. */
export function environmentOf(variant: Variant): Readonly<Record<string, string>> {
  const standIns = Object.fromEntries(variant.map((standIn) => [replacedFile(standIn), standIn]));
  return variant.length === 0 ? {} : { [standInsVariable]: JSON.stringify(standIns) };
}

/** Arguments of Node for the same process. */
export function nodeArgumentsOf(variant: Variant): readonly string[] {
  return variant.length === 0 ? [] : ['--import', pathToFileURL(join(import.meta.dirname, 'preload.ts')).href];
}

/**
 * Returns the names of the exports that a stand-in replaces. The type check finds the same problems earlier, but a run does not
 * check types.
 * @throws SeamIsGone when the original is gone, has no export of that name, or nothing is replaced
 */
export async function replacedExports(standIn: string): Promise<string[]> {
  const originalFile = replacedFile(standIn);
  const [original, own] = [await exportsOf(originalFile), await exportsOf(standIn)];
  const unknown = [...own.keys()].filter((name) => !original.has(name));
  if (unknown.length > 0) throw new SeamIsGone(`${originalFile} does not export ${unknown.join(', ')}`);
  const replaced = [...own.keys()].filter((name) => own.get(name) !== original.get(name));
  if (replaced.length === 0) throw new SeamIsGone(`${standIn} replaces nothing`);
  return replaced;
}

async function exportsOf(file: string): Promise<ReadonlyMap<string, unknown>> {
  try {
    const loaded: object = await import(pathToFileURL(file).href);
    return new Map(Object.entries(loaded));
  } catch (cause) {
    throw new SeamIsGone(`${file} cannot be loaded`, { cause });
  }
}
