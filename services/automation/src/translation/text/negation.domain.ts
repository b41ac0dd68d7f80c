/** How a language says no: whole words, or for languages without blanks or with endings, parts of words. */
interface Negation {
  readonly words: readonly string[];
  readonly parts: readonly string[];
}

const list = (words: string, parts = ''): Negation => ({
  words: words.split(' ').filter(Boolean),
  parts: parts.split(' ').filter(Boolean),
});

const negations: Readonly<Record<string, Negation>> = {
  en: list('no not never none nothing nobody cannot without neither nor unable', "n't n’t"),
  de: list('nicht kein keine keinen keinem keiner keines nie niemals nichts ohne weder niemand'),
  fr: list('ne pas jamais rien aucun aucune sans ni personne', "n' n’"),
  es: list('no nunca nada ninguno ninguna ningún sin ni jamás tampoco nadie'),
  pt: list('não nao nunca nada nenhum nenhuma sem nem jamais ninguém'),
  it: list('non mai niente nulla nessuno nessuna senza né'),
  nl: list('niet geen nooit niets zonder niemand noch'),
  pl: list('nie nigdy nic bez żaden żadna żadne nikt ani brak'),
  cs: list('ne nikdy nic bez žádný žádná nikdo', 'není nem neb'),
  ru: list('не нет ни никогда ничего без нельзя никто'),
  uk: list('не ні немає ніколи нічого без ніхто'),
  tr: list('değil yok hiç asla', 'mıyor miyor muyor müyor medi madı mez maz meye maya siz sız suz süz'),
  ar: list('لا لم لن ليس ليست غير بدون ما', ''),
  he: list('לא אין בלי אף ללא'),
  id: list('tidak bukan belum jangan tanpa tak'),
  ms: list('tidak bukan belum jangan tanpa tak tiada'),
  vi: list('không chưa chẳng đừng', ''),
  sv: list('inte ingen inget inga aldrig utan ej'),
  da: list('ikke ingen intet aldrig uden ej'),
  nb: list('ikke ingen ingenting aldri uten ei'),
  hi: list('नहीं न मत बिना नहीँ'),
  zh: list('', '不 没 沒 未 无 無 勿'),
  ja: list('', 'ない なく なかっ ません 不 未 無'),
  ko: list('안 못', '않 없 아니 못하 말아 불가'),
  th: list('', 'ไม่ อย่า ไร้'),
};

/** Whether a text says no to something; null for languages that are not in the list. */
export function isNegated(text: string, locale: string): boolean | null {
  const negation = negations[locale.split('-', 1)[0]?.toLowerCase() ?? ''];
  if (negation === undefined) return null;
  const lower = text.toLowerCase();
  if (negation.parts.some((part) => lower.includes(part))) return true;
  const words = new Set(lower.split(/[^\p{L}\p{M}'’]+/u));
  return negation.words.some((word) => words.has(word));
}
