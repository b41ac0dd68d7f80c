/** A number in a text, with everything it may mean: a comma may begin the decimals or part the thousands. */
export interface FoundNumber {
  readonly text: string;
  readonly readings: readonly number[];
  /** The unit behind it, as symbols write it; null if there is none. */
  readonly unit: string | null;
}

const pattern = /\p{Nd}{1,15}(?:[.,\u066b\u066c'\u2019\u00a0\u202f]\p{Nd}{1,15}){0,5}/gu;
const unit =
  /^[ \u00a0]?(kg|mg|ml|cm|mm|km|mah|ghz|mhz|gb|mb|tb|oz|lbs?|inch|in|ft|yd|kw|hz|w|v|a|g|l|m|%|\u2103|\u2109|"|\u00b0c|\u00b0f)(?![\p{L}\p{N}])/iu;
const multiplier =
  /^[ \u00a0]?(\u5341\u4e07|[\u4e07\u842c\ub9cc]|[\u5343\u5341\u767e\ucc9c]|[\u5104\u4ebf]|k(?![\p{L}\p{N}]))/iu;
const times: Readonly<Record<string, number>> = {
  '\u5341': 10,
  '\u767e': 100,
  '\u5343': 1_000,
  '\ucc9c': 1_000,
  k: 1_000,
  '\u4e07': 10_000,
  '\u842c': 10_000,
  '\ub9cc': 10_000,
  '\u5341\u4e07': 100_000,
  '\u4ebf': 100_000_000,
  '\u5104': 100_000_000,
};

export function numbersIn(text: string): FoundNumber[] {
  return [...text.matchAll(pattern)].map(({ 0: digits, index }) => {
    const behind = text.slice(index + digits.length, index + digits.length + 8);
    const factor = times[multiplier.exec(behind)?.[1]?.toLowerCase() ?? ''] ?? 1;
    const readings = readingsOf(westernDigits(digits));
    return {
      text: digits,
      readings: factor === 1 ? readings : [...readings, ...readings.map((value) => value * factor)],
      unit: unit.exec(behind)?.[1]?.toLowerCase() ?? null,
    };
  });
}

/** Whether two texts may mean the same number. */
export function mayEqual(one: FoundNumber, other: FoundNumber): boolean {
  return one.readings.some((value) => other.readings.includes(value));
}

function westernDigits(text: string): string {
  return text
    .replaceAll(/\p{Nd}/gu, (digit) => String(digitValue(digit)))
    .replaceAll('\u066b', '.')
    .replaceAll('\u066c', ',');
}

/** The digits of every script are ten characters in a row, and the first one is a multiple of ten or follows a block. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 0x80) return code - 0x30;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && code - zero < 9) zero -= 1;
  return code - zero;
}

function readingsOf(digits: string): number[] {
  const groups = digits.split(/[.,'\u2019\u00a0\u202f]/);
  const whole = Number(groups.join(''));
  const isGrouped = groups.slice(1).every((group) => group.length === 3 || group.length === 2);
  if (groups.length === 1) return [whole];
  const decimal = Number(`${groups.slice(0, -1).join('')}.${groups.at(-1) ?? ''}`);
  return isGrouped ? [...new Set([decimal, whole])] : [decimal];
}
