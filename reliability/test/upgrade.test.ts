import { describe, expect, test } from '@jest/globals';
import { replacedExports } from '../src/stand-ins/stand-in.ts';
import { neverMet, type Reading, type Stage } from '../src/upgrade/coexistence.ts';
import { nextVersion } from '../src/upgrade/next-version.ts';

const versions = [false, true];
const stage = (runs: Stage['runs']): Stage => ({ name: 'now', runs, fromMs: 1_000, toMs: 2_000 });

function readings(atMs: number, isOfNext: boolean, isReadByNext: boolean): Reading[] {
  return (['automation.language', 'conversation.inbox'] as const).flatMap((reader) =>
    Array.from({ length: 5 }, () => ({ reader, atMs, isOfNext, isReadByNext })),
  );
}

const allOfAll = (atMs: number): Reading[] =>
  versions.flatMap((isOfNext) => versions.flatMap((isReadByNext) => readings(atMs, isOfNext, isReadByNext)));

test.each(nextVersion)('the next version replaces exports that exist: %s', async (standIn) => {
  expect(await replacedExports(standIn)).not.toEqual([]);
});

describe('two versions', () => {
  test('have met when each has read what each published', () => {
    expect(neverMet([stage('both')], allOfAll(1_500))).toEqual([]);
  });

  test('have not met when nothing was read, or at another time', () => {
    expect(neverMet([stage('both')], [])).toHaveLength(8);
    expect(neverMet([stage('both')], allOfAll(2_000))).toHaveLength(8);
  });

  test('have not met when one has read only its own', () => {
    const found = neverMet(
      [stage('both')],
      allOfAll(1_500).filter(
        ({ reader, isOfNext, isReadByNext }) => reader !== 'conversation.inbox' || isOfNext || !isReadByNext,
      ),
    );
    expect(found.map(({ what }) => what)).toEqual([
      'now: conversation.inbox of the next version read 0 messages of the old one',
    ]);
  });

  test('of which one is gone: only the other reads, and it may read messages of both', () => {
    const own = readings(1_500, true, true);
    expect(neverMet([stage('next')], own)).toEqual([]);
    expect(neverMet([stage('next')], [...own, ...readings(1_500, false, true)])).toEqual([]);
    expect(neverMet([stage('next')], [...own, ...readings(1_500, true, false)])).toHaveLength(2);
    expect(neverMet([stage('next')], readings(1_500, false, true))).toHaveLength(2);
    expect(neverMet([stage('old')], readings(1_500, false, false))).toEqual([]);
  });
});
