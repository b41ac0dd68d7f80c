import type { SourceFile } from './source-file.ts';

/** The folder directly below `src` that contains a source file; null for files of `src` itself and for tests. */
function roomOf(path: string): string | null {
  if (path.endsWith('.test.ts')) return null;
  return /^((?:[^/]+\/){1,2}src\/[^/]+)\//.exec(path)?.[1] ?? null;
}

/**
 * The rooms that import each other in a circle, or depend on such rooms, each with the rooms it imports. Imports of types
 * count. Files of `src` itself are left out: they combine rooms or are shared by all; lint finds circles of files.
 */
export function roomsInCircles(files: readonly SourceFile[]): string[] {
  const needs = new Map<string, Set<string>>();
  for (const { path, imports } of files) {
    const room = roomOf(path);
    if (room === null) continue;
    const needed = needs.get(room) ?? new Set();
    needs.set(room, needed);
    for (const found of imports) {
      const other = found.path === null ? null : roomOf(found.path);
      if (other !== null && other !== room) needed.add(other);
    }
  }
  // Removes rooms that depend on no other, until none is left or each depends on a remaining one.
  for (let isDone = false; !isDone;) {
    const free = [...needs].filter(([, needed]) => ![...needed].some((room) => needs.has(room)));
    for (const [room] of free) needs.delete(room);
    isDone = free.length === 0;
  }
  return [...needs].map(
    ([room, needed]) => `${room} imports ${[...needed].filter((other) => needs.has(other)).join(', ')}`,
  );
}
