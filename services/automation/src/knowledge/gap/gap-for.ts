import { alike, weighed } from '../alike.ts';
import type { GapId } from '../ids.ts';

/** Questions that are so alike ask for the same article. */
const alikeMin = 0.5;

/** The gap with the question that is most like this one; null if none is like it. */
export function gapFor(
  text: string,
  asked: readonly { readonly gap_id: GapId; readonly text: string }[],
): GapId | null {
  const question = weighed(text);
  let best: { readonly id: GapId | null; readonly share: number } = { id: null, share: 0 };
  for (const other of asked) {
    const share = other.text === text ? 1 : alike(question, weighed(other.text));
    if (share >= alikeMin && share > best.share) best = { id: other.gap_id, share };
  }
  return best.id;
}
