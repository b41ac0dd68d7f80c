import type { LocalText } from '../outreach/outreach.domain.ts';

/** What buyers are asked where the workspace has no texts of its own. The first is for all whose language is missing. */
export const surveyTexts: readonly LocalText[] = [
  {
    locale: 'en',
    text: 'How satisfied are you with our help? Please answer with one number, from 1 (not at all) to 5 (very).',
  },
  { locale: 'zh', text: '您对我们的服务满意吗？请回复一个数字：1（非常不满意）到 5（非常满意）。' },
  { locale: 'zh-TW', text: '您對我們的服務滿意嗎？請回覆一個數字：1（非常不滿意）到 5（非常滿意）。' },
  {
    locale: 'es',
    text: '¿Qué tan satisfecho está con nuestra ayuda? Responda con un número, del 1 (nada) al 5 (mucho).',
  },
  {
    locale: 'pt',
    text: 'Qual é a sua satisfação com o nosso atendimento? Responda com um número, de 1 (nada) a 5 (muito).',
  },
  {
    locale: 'de',
    text: 'Wie zufrieden sind Sie mit unserer Hilfe? Bitte antworten Sie mit einer Zahl von 1 (gar nicht) bis 5 (sehr).',
  },
  {
    locale: 'fr',
    text: 'Êtes-vous satisfait de notre aide ? Répondez par un chiffre, de 1 (pas du tout) à 5 (tout à fait).',
  },
  {
    locale: 'it',
    text: 'Quanto è soddisfatto del nostro aiuto? Risponda con un numero, da 1 (per niente) a 5 (molto).',
  },
  {
    locale: 'ja',
    text: 'サポートにご満足いただけましたか？ 1（不満）から 5（満足）までの数字を一つ返信してください。',
  },
  { locale: 'ko', text: '상담에 만족하셨나요? 1(매우 불만족)부터 5(매우 만족)까지 숫자 하나로 답해 주세요.' },
  {
    locale: 'id',
    text: 'Seberapa puas Anda dengan bantuan kami? Balas dengan satu angka, 1 (tidak puas) sampai 5 (sangat puas).',
  },
  { locale: 'th', text: 'คุณพอใจกับการช่วยเหลือของเรามากแค่ไหน? โปรดตอบเป็นตัวเลขหนึ่งตัว จาก 1 (ไม่พอใจเลย) ถึง 5 (พอใจมาก)' },
  {
    locale: 'vi',
    text: 'Bạn hài lòng với sự hỗ trợ của chúng tôi ở mức nào? Vui lòng trả lời bằng một số, từ 1 (không hài lòng) đến 5 (rất hài lòng).',
  },
  { locale: 'ru', text: 'Довольны ли вы нашей помощью? Ответьте одной цифрой: от 1 (совсем нет) до 5 (очень).' },
  { locale: 'ar', text: 'ما مدى رضاك عن مساعدتنا؟ يرجى الرد برقم واحد من 1 (غير راضٍ) إلى 5 (راضٍ جدًا).' },
];
