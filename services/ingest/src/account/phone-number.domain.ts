import {
  type CountryCode,
  isSupportedCountry,
  type NumberType,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';

const charactersMax = 40;

/** Whether it is an ISO 3166-1 alpha-2 code of a country with telephone numbers. */
export function isCountry(code: string): code is CountryCode {
  return isSupportedCountry(code);
}

/**
 * The E.164 digits of a number, the same however it is written. Null for one that identifies nobody: masked, a
 * placeholder, a service line, not a number that can exist, or without a country code while the country of the account is
 * not known.
 */
export function phoneDigits(told: string, country: string | null): string | null {
  const text = told.normalize('NFKC').trim();
  if (text.length > charactersMax || text.includes('*')) return null;
  // No country has numbers of its own that begin with 00: most dial it before a country code.
  const international = text.replace(/^00/, '+');
  if (international.startsWith('+')) return validDigits(international, null);
  if (country === null || !isCountry(country)) return null;
  return validDigits(text, country) ?? completeDigits(text, country);
}

/** A number that begins with the code of the country, but without the plus sign. */
function completeDigits(text: string, country: CountryCode): string | null {
  const number = parsePhoneNumberFromString(`+${text}`, { extract: false });
  const home = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false });
  return number?.countryCallingCode === home?.countryCallingCode ? validDigits(`+${text}`, null) : null;
}

function validDigits(text: string, country: CountryCode | null): string | null {
  const options = { extract: false, ...(country === null ? {} : { defaultCountry: country }) };
  const written = parsePhoneNumberFromString(text, options);
  if (written === undefined) return null;
  const number = written.isValid() ? written : parsePhoneNumberFromString(repaired(written.number), { extract: false });
  if (number?.isValid() !== true || isService(number.getType())) return null;
  if (isPlaceholder(number.countryCallingCode, number.nationalNumber)) return null;
  return inOneForm(number.number).slice(1);
}

/**
 * Old forms that platforms still write: Brazil put a 9 before its mobile numbers, Mexico gave up the 1 after its code. Only
 * for numbers that are not valid as they are, since a landline of Brazil with a 9 is the mobile number of a stranger.
 */
function repaired(number: string): string {
  return number.replace(/^\+55(\d{2})([6-9]\d{7})$/, '+55$19$2').replace(/^\+521(\d{10})$/, '+52$1');
}

/** Argentina has a 9 before mobile numbers that people leave out; no other number of the country differs in it only. */
function inOneForm(number: string): string {
  return number.replace(/^\+54([1-3]\d{9})$/, '+549$1');
}

/** Lines that many call and nobody writes from. */
function isService(type: NumberType): boolean {
  return type !== undefined && serviceTypes.has(type);
}

const serviceTypes: ReadonlySet<string> = new Set([
  'PREMIUM_RATE',
  'TOLL_FREE',
  'SHARED_COST',
  'UAN',
  'VOICEMAIL',
] satisfies NumberType[]);

/** What people enter who do not want to give their number: one digit again and again, a row of digits, examples. */
function isPlaceholder(countryCode: string, nationalNumber: string): boolean {
  const isExample = countryCode === '1' && /^\d{3}55501\d{2}$/.test(nationalNumber);
  const isListed = countryCode === '86' && nationalNumber === '13800138000';
  return isExample || isListed || /(\d)\1{6}$/.test(nationalNumber) || hasRow(nationalNumber);
}

const rowLength = 8;

/** Whether as many digits follow each other as on a keyboard, up or down: 12345678, 98765432. */
function hasRow(digits: string): boolean {
  const steps = [...digits].slice(1).map((digit, i) => Number(digit) - Number(digits[i]));
  const isRow = (step: number, from: number) => steps.slice(from, from + rowLength - 1).every((one) => one === step);
  return steps.some((step, i) => Math.abs(step) === 1 && i + rowLength - 1 <= steps.length && isRow(step, i));
}
