const anyDigit = /^\p{Nd}$/u;

/** The text with the decimal digits of every script as 0 to 9. */
export function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => String(valueOf(digit.codePointAt(0) ?? 0)));
}

/** Unicode gives the digits 0 to 9 of a script neighbouring code points, in this order. */
function valueOf(codePoint: number): number {
  let before = 0;
  while (anyDigit.test(String.fromCodePoint(codePoint - before - 1))) before += 1;
  return before % 10;
}
