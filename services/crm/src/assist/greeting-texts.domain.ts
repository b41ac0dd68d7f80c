/** How a language greets somebody. */
interface GreetingText {
  readonly locale: string;
  /** Which part of a name people are called by: the first word, the last one, or all of it. */
  readonly calls: 'first' | 'last' | 'whole';
  readonly morning: string;
  readonly afternoon: string;
  readonly evening: string;
  /** At any time of the day. */
  readonly any: string;
  /** ICU MessageFormat with `greeting` and `name`. */
  readonly named: string;
  /** With `greeting` only. */
  readonly plain: string;
}

/** The usual words of a shop to a buyer. The first one is for everybody whose language is not here. */
export const greetingTexts: readonly GreetingText[] = [
  {
    ...{ locale: 'en', calls: 'first', named: '{greeting}, {name}!', plain: '{greeting}!' },
    ...{ morning: 'Good morning', afternoon: 'Good afternoon', evening: 'Good evening', any: 'Hello' },
  },
  {
    ...{ locale: 'de', calls: 'whole', named: '{greeting}, {name}!', plain: '{greeting}!' },
    ...{ morning: 'Guten Morgen', afternoon: 'Guten Tag', evening: 'Guten Abend', any: 'Guten Tag' },
  },
  {
    ...{ locale: 'fr', calls: 'whole', named: '{greeting} {name},', plain: '{greeting},' },
    ...{ morning: 'Bonjour', afternoon: 'Bonjour', evening: 'Bonsoir', any: 'Bonjour' },
  },
  {
    ...{ locale: 'es', calls: 'first', named: '{greeting}, {name}:', plain: '{greeting}:' },
    ...{ morning: 'Buenos días', afternoon: 'Buenas tardes', evening: 'Buenas noches', any: 'Hola' },
  },
  {
    ...{ locale: 'pt', calls: 'first', named: '{greeting}, {name}!', plain: '{greeting}!' },
    ...{ morning: 'Bom dia', afternoon: 'Boa tarde', evening: 'Boa noite', any: 'Olá' },
  },
  {
    ...{ locale: 'it', calls: 'first', named: '{greeting} {name},', plain: '{greeting},' },
    ...{ morning: 'Buongiorno', afternoon: 'Buon pomeriggio', evening: 'Buonasera', any: 'Salve' },
  },
  {
    ...{ locale: 'nl', calls: 'whole', named: '{greeting} {name},', plain: '{greeting},' },
    ...{ morning: 'Goedemorgen', afternoon: 'Goedemiddag', evening: 'Goedenavond', any: 'Goedendag' },
  },
  {
    ...{ locale: 'pl', calls: 'whole', named: '{greeting}, {name}!', plain: '{greeting}!' },
    ...{ morning: 'Dzień dobry', afternoon: 'Dzień dobry', evening: 'Dobry wieczór', any: 'Dzień dobry' },
  },
  {
    ...{ locale: 'tr', calls: 'whole', named: '{greeting} {name},', plain: '{greeting},' },
    ...{ morning: 'Günaydın', afternoon: 'İyi günler', evening: 'İyi akşamlar', any: 'Merhaba' },
  },
  {
    ...{ locale: 'ru', calls: 'whole', named: '{greeting}, {name}!', plain: '{greeting}!' },
    ...{ morning: 'Доброе утро', afternoon: 'Добрый день', evening: 'Добрый вечер', any: 'Здравствуйте' },
  },
  {
    ...{ locale: 'ar', calls: 'whole', named: '{greeting} {name}،', plain: '{greeting}،' },
    ...{ morning: 'صباح الخير', afternoon: 'مساء الخير', evening: 'مساء الخير', any: 'مرحبًا' },
  },
  {
    ...{ locale: 'ja', calls: 'whole', named: '{name}様、{greeting}。', plain: '{greeting}。' },
    ...{ morning: 'おはようございます', afternoon: 'こんにちは', evening: 'こんばんは', any: 'こんにちは' },
  },
  {
    ...{ locale: 'ko', calls: 'whole', named: '{name} 님, {greeting}.', plain: '{greeting}.' },
    ...{ morning: '안녕하세요', afternoon: '안녕하세요', evening: '안녕하세요', any: '안녕하세요' },
  },
  {
    ...{ locale: 'zh-CN', calls: 'whole', named: '{name}，{greeting}！', plain: '{greeting}！' },
    ...{ morning: '早上好', afternoon: '下午好', evening: '晚上好', any: '您好' },
  },
  {
    ...{ locale: 'zh-TW', calls: 'whole', named: '{name}，{greeting}！', plain: '{greeting}！' },
    ...{ morning: '早安', afternoon: '午安', evening: '晚上好', any: '您好' },
  },
  {
    ...{ locale: 'th', calls: 'first', named: '{greeting} คุณ{name}', plain: '{greeting}' },
    ...{ morning: 'สวัสดีตอนเช้า', afternoon: 'สวัสดีตอนบ่าย', evening: 'สวัสดีตอนเย็น', any: 'สวัสดี' },
  },
  {
    ...{ locale: 'vi', calls: 'last', named: '{greeting} {name},', plain: '{greeting},' },
    ...{ morning: 'Chào buổi sáng', afternoon: 'Chào buổi chiều', evening: 'Chào buổi tối', any: 'Xin chào' },
  },
  {
    ...{ locale: 'id', calls: 'first', named: '{greeting}, {name}!', plain: '{greeting}!' },
    ...{ morning: 'Selamat pagi', afternoon: 'Selamat siang', evening: 'Selamat malam', any: 'Halo' },
  },
];
