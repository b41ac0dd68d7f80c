import { containsPhrase, readPhrase, readText } from '../rule/phrase.domain.ts';

/** How buyers ask for a person. With a language where the words mean something else in another one. */
const written = [
  ...['human agent', 'real person', 'real human', 'speak to a human', 'talk to a human', 'speak to someone'],
  ...['talk to someone', 'speak to a person', 'talk to a person', 'live agent', 'human please', 'not a bot', 'no bot'],
  ...[
    'agent please',
    'your manager',
    'the manager',
    'a manager',
    'your supervisor',
    'are you a bot',
    'are you real',
    'speak to an agent',
    'talk to an agent',
    'a human being',
    'speak with a human',
    'customer service representative',
  ],
  ...['人工', '真人', '转客服', '轉客服', '找客服', '不要机器人', '不要機器人', '人工客服'],
  ...['agente humano', 'persona real', 'hablar con una persona', 'hablar con alguien', 'hablar con un agente'],
  ...['atendente', 'falar com uma pessoa', 'falar com alguém', 'pessoa de verdade', 'atendimento humano'],
  ...['echten menschen', 'echter mensch', 'mit einem menschen', 'mit jemandem sprechen', 'mitarbeiter sprechen'],
  ...['vrai conseiller', 'vraie personne', 'parler à un humain', 'parler à quelqu’un', 'parler à une personne'],
  ...['un conseiller humain', 'operatore umano', 'persona vera', 'parlare con una persona', 'parlare con un operatore'],
  ...['担当者と話', '人間と話', 'オペレーター', '有人対応', '상담원', '사람과 통화', '직원 연결', '사람이랑'],
  ...['живой человек', 'живого человека', 'живым человеком', 'с оператором', 'позовите оператора', 'соедините с'],
  ...['жива людина', 'живою людиною', 'живого оператора', 'з оператором', 'bicara dengan orang', 'cs manusia'],
  ...[
    'agen manusia',
    'sama admin',
    'dengan admin',
    'sama cs',
    'ngomong sama orang',
    'orang asli',
    'gặp nhân viên',
    'người thật',
    'nói chuyện với người',
    'คุยกับคน',
    'คุยกับเจ้าหน้าที่',
  ],
  ...['ขอสายเจ้าหน้าที่', 'แอดมินตัวจริง', 'müşteri temsilcisi', 'gerçek bir insan', 'gerçek kişi', 'canlı destek'],
  ...[
    'شخص حقيقي',
    'موظف خدمة',
    'التحدث مع شخص',
    'التحدث الى موظف',
    'التحدث مع موظف',
    'اكلم موظف',
    'żywym człowiekiem',
    'prawdziwy człowiek',
  ],
  ...[
    'rozmawiać z konsultantem',
    'echt persoon',
    'echt mens',
    'met een medewerker',
    'iemand spreken',
    'bercakap dengan orang',
  ],
  ...['orang sebenar', 'wakil manusia', 'נציג אנושי', 'לדבר עם נציג', 'בן אדם'],
].flatMap((value) => readPhrase(value) ?? []);

/** Whether the buyer asks for a person. */
export function wantsPerson(text: string, language: string | null): boolean {
  const read = readText(text);
  return written.some((phrase) => containsPhrase(read, language, phrase));
}
