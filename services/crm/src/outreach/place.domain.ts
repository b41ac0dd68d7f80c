/** Where a person is, as far as the hours of their day depend on it. */
export interface Place {
  /** ISO 3166-1 alpha-2; null: not known. */
  readonly country: string | null;
  /** IANA; the hours must fit in all of them. At least one. */
  readonly zones: readonly string[];
  /** How it was found out, in words. */
  readonly basis: string;
}

interface Country {
  readonly country: string;
  /** E.164, without the plus. */
  readonly callingCode: string;
  readonly zones: readonly string[];
}

/** Of a country with several zones: those on its edges and those that change to summer time by themselves (tz database). */
const countries: readonly Country[] = [
  ['US', '1', 'America/New_York', 'America/Phoenix', 'America/Anchorage', 'Pacific/Honolulu'],
  ['CA', '1', 'America/St_Johns', 'America/Toronto', 'America/Vancouver'],
  ['MX', '52', 'America/Cancun', 'America/Mexico_City', 'America/Tijuana'],
  ['BR', '55', 'America/Noronha', 'America/Sao_Paulo', 'America/Rio_Branco'],
  ['CL', '56', 'America/Santiago', 'America/Punta_Arenas', 'Pacific/Easter'],
  ['AR', '54', 'America/Argentina/Buenos_Aires'],
  ['CO', '57', 'America/Bogota'],
  ['PE', '51', 'America/Lima'],
  ['GB', '44', 'Europe/London'],
  ['IE', '353', 'Europe/Dublin'],
  ['FR', '33', 'Europe/Paris'],
  ['DE', '49', 'Europe/Berlin'],
  ['AT', '43', 'Europe/Vienna'],
  ['CH', '41', 'Europe/Zurich'],
  ['IT', '39', 'Europe/Rome'],
  ['ES', '34', 'Europe/Madrid', 'Atlantic/Canary'],
  ['PT', '351', 'Europe/Lisbon', 'Atlantic/Azores'],
  ['NL', '31', 'Europe/Amsterdam'],
  ['BE', '32', 'Europe/Brussels'],
  ['PL', '48', 'Europe/Warsaw'],
  ['CZ', '420', 'Europe/Prague'],
  ['HU', '36', 'Europe/Budapest'],
  ['RO', '40', 'Europe/Bucharest'],
  ['GR', '30', 'Europe/Athens'],
  ['SE', '46', 'Europe/Stockholm'],
  ['DK', '45', 'Europe/Copenhagen'],
  ['NO', '47', 'Europe/Oslo'],
  ['FI', '358', 'Europe/Helsinki'],
  ['TR', '90', 'Europe/Istanbul'],
  ['UA', '380', 'Europe/Kyiv'],
  ['RU', '7', 'Europe/Kaliningrad', 'Asia/Kamchatka'],
  ['KZ', '7', 'Asia/Almaty'],
  ['SA', '966', 'Asia/Riyadh'],
  ['AE', '971', 'Asia/Dubai'],
  ['IL', '972', 'Asia/Jerusalem'],
  ['EG', '20', 'Africa/Cairo'],
  ['ZA', '27', 'Africa/Johannesburg'],
  ['IN', '91', 'Asia/Kolkata'],
  ['TH', '66', 'Asia/Bangkok'],
  ['VN', '84', 'Asia/Ho_Chi_Minh'],
  ['ID', '62', 'Asia/Jakarta', 'Asia/Jayapura'],
  ['MY', '60', 'Asia/Kuala_Lumpur'],
  ['SG', '65', 'Asia/Singapore'],
  ['PH', '63', 'Asia/Manila'],
  ['TW', '886', 'Asia/Taipei'],
  ['HK', '852', 'Asia/Hong_Kong'],
  ['CN', '86', 'Asia/Shanghai'],
  ['JP', '81', 'Asia/Tokyo'],
  ['KR', '82', 'Asia/Seoul'],
  ['AU', '61', 'Australia/Sydney', 'Australia/Brisbane', 'Australia/Perth'],
  ['NZ', '64', 'Pacific/Auckland', 'Pacific/Chatham'],
].map(([country = '', callingCode = '', ...zones]) => ({ country, callingCode, zones }));

/**
 * Where a person is: by the country of their last order, or else by their phone number, or else as the planner says. A
 * calling code of several countries means all of them.
 */
export function placeOf({
  region,
  phone,
  zone,
}: {
  readonly region: string | null;
  /** E.164. */
  readonly phone: string | null;
  readonly zone: string;
}): Place {
  const byAddress = countries.find(({ country }) => country === region);
  if (byAddress !== undefined)
    return { country: region, zones: byAddress.zones, basis: `orders that go to ${byAddress.country}` };
  const byPhone = countries.filter(({ callingCode }) => phone?.startsWith(`+${callingCode}`) === true);
  const [only, ...more] = byPhone;
  if (only === undefined) return { country: null, zones: [zone], basis: `${zone}, for want of anything better` };
  return {
    country: more.length === 0 ? only.country : null,
    zones: byPhone.flatMap(({ zones }) => zones),
    basis: `a phone number of ${byPhone.map(({ country }) => country).join(' or ')}`,
  };
}
