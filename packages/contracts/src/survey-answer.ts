import type { MessageContent } from './content.ts';

/** How long after a survey was sent a bare number is its answer (docs/adr/0107). */
export const surveyAnswerHoursMax = 72;

/** What a button of a survey answers with: `survey:4`. */
const choicePattern = /^survey:([1-5])$/;

/** Joiners, variation selectors and the frame of a keycap (2️⃣), and blanks around. */
const decoration = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\u20e3]/gu;

const han = new Map([
  ['一', 1],
  ['二', 2],
  ['三', 3],
  ['四', 4],
  ['五', 5],
]);

/** Where the digits of other scripts begin; full-width ones are folded by NFKC. */
const zeros = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50];

/**
 * The score (1 to 5) of a message that is nothing but one: a digit of any script that buyers use, a Han numeral, a keycap,
 * or the button of a survey. Null for everything else, also for `5 stars` and `10`: whoever writes words wants to be read.
 */
export function surveyScoreOf(content: MessageContent): number | null {
  if (content.kind === 'choice') {
    const chosen = choicePattern.exec(content.externalChoiceId ?? '')?.[1];
    return chosen === undefined ? scoreIn(content.title) : Number(chosen);
  }
  return content.kind === 'text' ? scoreIn(content.text) : null;
}

/** More than any decorated digit has. */
const charactersMax = 16;

function scoreIn(text: string): number | null {
  if (text.length > charactersMax) return null;
  const bare = text.normalize('NFKC').replace(decoration, '');
  if ([...bare].length !== 1) return null;
  const code = bare.codePointAt(0) ?? 0;
  const zero = zeros.find((first) => code >= first && code <= first + 9);
  const score = zero === undefined ? (han.get(bare) ?? 0) : code - zero;
  return score >= 1 && score <= 5 ? score : null;
}
