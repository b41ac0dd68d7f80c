import { byLanguage } from './by-language.ts';

/** Words for the buyer as for a friend. */
export const informal = byLanguage({
  de: 'du|dich|dir|dein|deine|deinen|deiner|deinem|deines',
  fr: 'tu|te|toi|ton|ta|tes',
  es: 'tú|tu|tus|ti|contigo|tuyo|tuya',
  pt: 'tu|teu|tua|teus|tuas|contigo',
  it: 'tu|tuo|tua|tuoi|tue|ti',
  nl: 'je|jij|jou|jouw',
  pl: 'ty|ciebie|tobie|twój|twoja|twoje|twojego|twojej|twoją',
  cs: 'ty|tebe|tobě|tvůj|tvoje|tvého|tvou',
  ru: 'ты|тебя|тебе|тобой|твой|твоя|твоё|твое|твои|твоего|твоей',
  uk: 'ти|тебе|тобі|твій|твоя|твоє|твої|твого|твоєї',
  tr: 'sen|seni|sana|senin|sende|senden',
  zh: '你',
  ko: '너는|네가|니가|너의|당신',
  id: 'kamu|kau|engkau',
  hi: 'तुम|तुम्हारा|तुम्हें|तू',
  ro: 'tu|tău|ta|tale|tine',
  hu: 'te|téged|neked|tiéd',
});

/** Words for the buyer as for a customer. German is told by its capitals. */
export const formal = byLanguage({
  fr: 'vous|votre|vos',
  es: 'usted|ustedes|le atenderemos|le ayudaremos|su pedido|su mensaje',
  pt: 'você|senhor|senhora|seu pedido|sua mensagem',
  it: 'lei|le scriveremo|il suo ordine|suo ordine|la sua|ci scriva',
  nl: 'u|uw',
  pl: 'pan|pani|państwo|państwa|panu|panią',
  cs: 'vy|vás|vám|váš|vaše|vaši|vašeho|vaší',
  ru: 'вы|вас|вам|вами|ваш|ваша|ваше|ваши|вашего|вашей',
  uk: 'ви|вас|вам|вами|ваш|ваша|ваше|ваші|вашого|вашої',
  tr: 'siz|sizi|size|sizin|sizden',
  zh: '您',
  ko: '고객님|귀하',
  id: 'anda|bapak|ibu',
  hi: 'आप|आपका|आपको|आपके',
  ro: 'dumneavoastră|dvs',
  hu: 'ön|önnek|önt',
});
