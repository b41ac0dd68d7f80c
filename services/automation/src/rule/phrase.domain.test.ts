import { expect, test } from '@jest/globals';
import { containsPhrase, readPhrase, readText } from './phrase.domain.ts';

function has(text: string, written: string, language: string | null = null): boolean {
  const phrase = readPhrase(written);
  if (phrase === null) throw new Error(`no phrase: ${written}`);
  return containsPhrase(readText(text), language, phrase);
}

test.each([
  ['Where is my REFUND?', 'refund'],
  ['I want my money back!!', 'money back'],
  ['Quiero un reembolso. ¿Devolución?', 'devolucion'],
  ['Was ist mit der Rückgabe', 'rückgabe'],
  ['Grosse Straße', 'strasse'],
  ['I don’t want it', 'dont'],
  ['İADE istiyorum', 'iade'],
  ['has it shipped yet', 'ship*'],
  ['我要退款，谢谢', '退款'],
  ['我要refund呢', 'refund'],
  ['請問可以退貨嗎', '退货'],
  ['إسترداد المبلغ', 'استرداد'],
  ['返品したいです', '返品'],
  ['환불해주세요', '환불'],
  ['ขอคืนเงินหน่อยค่ะ', 'คืนเงิน'],
  ['أريد اســترداد المال', 'استرداد'],
  ['मुझे रिफंड चाहिए', 'रिफंड'],
])('%s has %s', (text, phrase) => {
  expect(has(text, phrase)).toBe(true);
});

test.each([
  ['I was refunded', 'refund'],
  ['ownership', 'ship*'],
  ['back money', 'money back'],
  ['我要退货', '退款'],
  ['', 'refund'],
])('%s does not have %s', (text, phrase) => {
  expect(has(text, phrase)).toBe(false);
});

test('a phrase of a language is found in messages of that language only', () => {
  expect(has('Porto bitte', 'de:porto', 'de')).toBe(true);
  expect(has('Porto bitte', 'de:porto', 'de-AT')).toBe(true);
  expect(has('I live in Porto', 'de:porto', 'en')).toBe(false);
  expect(has('Porto', 'de:porto', null)).toBe(false);
  expect(has('see https://shop', 'https://shop', 'en')).toBe(true);
});

test('what has no letter or digit is no phrase', () => {
  expect(['', ' ', '!?', '*', 'de:', '😀'].map(readPhrase)).toEqual([null, null, null, null, null, null]);
});
