import { expect, test } from '@jest/globals';
import { holderOf, refuseAnswering, saidIn, type Standing } from './turn.domain.ts';
import { isGreeting, tellsLanguage } from './greeting.domain.ts';
import { wantsPerson } from './wants-person.domain.ts';

test.each([
  ['bot', 0, 0, null, null],
  ['human', 4, 0, null, null],
  ['human', 4, 3, null, null],
  ['bot', 4, 5, null, null],
  ['bot', 4, 0, null, 4],
  ['human', 6, 0, null, 5],
  ['waiting', 0, 0, 2, null],
  ['bot', 0, 7, 2, null],
  ['human', 3, 0, 2, null],
] as const)(
  '%s: a person at %i, the exchange since %i, handed over at %s, given back at %s',
  (holder, person, cycle, out, back) => {
    const versions = { person_version: person, cycle_version: cycle };
    expect(holderOf(versions, { handed_over_version: out, returned_version: back })).toBe(holder);
  },
);

test('the messages of a turn are one: their questions and risks together, the mood of the last', () => {
  const one = {
    ...{ model: 'm', complaint: 0, urgency: 0, entities: [] },
    intents: [{ intent: 'order_status', score: 0.6, isCertain: true }],
    sentiment: { label: 'neutral', score: 0.9 },
    risks: [{ class: 'chargeback', score: 0.9, offsets: [] }],
  } as const;
  const other = {
    ...one,
    intents: [
      { intent: 'order_status', score: 0.9, isCertain: false },
      { intent: 'refund', score: 0.8, isCertain: true },
    ],
    sentiment: { label: 'negative', score: 0.7 },
    risks: [],
  } as const;
  expect(saidIn(['hi', 'where is it'], [one, other])).toEqual({
    text: 'hi\nwhere is it',
    intents: [
      { intent: 'refund', score: 0.8, isCertain: true },
      { intent: 'order_status', score: 0.6, isCertain: true },
    ],
    risks: ['chargeback'],
    sentiment: { label: 'negative', score: 0.7 },
  });
});

test('the first check that fails is the reason', () => {
  const standing: Standing = {
    holder: 'bot',
    said: saidIn([], []),
    wantsPerson: false,
    mood: 'calm',
    answers: [],
  };
  const policy = { humanRisks: ['safety'], answersPerDayMax: 2 } as const;
  const refused = (changes: Partial<Standing>) => refuseAnswering({ ...standing, ...changes }, policy);
  expect(refused({})).toBeNull();
  expect(refused({ answers: ['a'] })).toBeNull();
  expect(refused({ answers: ['a', 'b'] })).toBe('DAILY_LIMIT');
  expect(refused({ mood: 'angry', answers: ['a', 'b'] })).toBe('ANGRY');
  expect(refused({ said: { ...standing.said, risks: ['bad_review'] } })).toBeNull();
  expect(refused({ said: { ...standing.said, risks: ['safety'] }, mood: 'angry' })).toBe('RISK');
  expect(refused({ wantsPerson: true, holder: 'waiting' })).toBe('WAITS_FOR_PERSON');
  expect(refused({ wantsPerson: true, holder: 'human' })).toBe('HELD_BY_PERSON');
});

test('a wish for a person is understood in 20 languages, and not where there is none', () => {
  const wishes = [
    ...['I want to talk to a human!', 'can I speak to someone pls', '转人工', '我要真人客服', '轉客服謝謝'],
    ...['Quiero hablar con una persona', 'quero falar com alguém', 'Ich will mit einem Menschen reden'],
    ...[
      'je veux parler à un humain',
      'Vorrei parlare con un operatore',
      'オペレーターにつないでください',
      '상담원 연결해주세요',
    ],
    ...['соедините с оператором', "З'єднайте з оператором", 'saya mau bicara dengan orang', 'cho tôi gặp nhân viên'],
    ...['ขอคุยกับเจ้าหน้าที่', 'Müşteri temsilcisi istiyorum', 'اريد التحدث مع شخص', 'chcę rozmawiać z konsultantem'],
    ...['agent please', 'get me your manager', 'are you a bot?', 'mau ngomong sama admin', 'اريد التحدث مع موظف'],
    ...['Ik wil iemand spreken', 'nak bercakap dengan orang', 'אני רוצה לדבר עם נציג'],
  ];
  expect(wishes.filter((text) => !wantsPerson(text, null))).toEqual([]);
  const others = [
    ...['Where is my order?', 'Is this for a real wood table?', '人参什么时候发货', 'Meine Person ist umgezogen'],
    ...[
      '¿Tienen talla M?',
      'これは人気ですか',
      'человек на картинке',
      'a humanoid robot toy',
      'who is the carrier agent',
    ],
  ];
  expect(others.filter((text) => wantsPerson(text, null))).toEqual([]);
});

test('a greeting is no question, and a word does not tell a language', () => {
  const greetings = ['hi', 'Hello?', 'Hello!!', '👍', '?', '你好', '在吗？', '¡Hola!', 'こんにちは'];
  expect(greetings.filter((text) => !isGreeting(text))).toEqual([]);
  expect(['hi, where is it', 'refund', '你好，退款', 'help'].filter(isGreeting)).toEqual([]);
  expect(['Hello?', 'ok', 'hi'].filter(tellsLanguage)).toEqual([]);
  expect(['在吗', 'Where is my order', 'Wo bleibt es?'].filter((text) => !tellsLanguage(text))).toEqual([]);
});
