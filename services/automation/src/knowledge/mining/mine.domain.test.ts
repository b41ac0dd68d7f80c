import { expect, test } from '@jest/globals';
import { mine } from './mine.domain.ts';

const isQuestion = (text: string) => /[?？]/.test(text);
const buyer = (text: string) => ({ author: 'buyer', text });
const agent = (text: string) => ({ author: 'agent', text });

test('questions and answers are kept without greetings, names, numbers and addresses', () => {
  const mined = mine(
    [
      buyer('Hello, my name is Ana Silva.'),
      buyer('Can I change the voltage of lamp 240918ABCX7? Write to ana@mail.example or +55 11 99999-0000'),
      { author: 'bot', text: 'We answer within an hour.' },
      agent('Dear Ana,\nturn the switch at the back to 230 V. Ana, please unplug it before.\n\nBest regards,\nTom'),
      buyer('Thanks!'),
      agent('OK'),
    ],
    isQuestion,
  );
  expect(mined).toEqual({
    title: 'Can I change the voltage of lamp [id]? Write to [email] or [phone]',
    questions: ['Can I change the voltage of lamp [id]? Write to [email] or [phone]'],
    body: 'turn the switch at the back to 230 V. [name], please unplug it before.',
  });
});

test('a Chinese conversation is read too', () => {
  const mined = mine([buyer('你好，这个灯可以调亮度吗？'), agent('您好，按住开关三秒就可以调节亮度。')], isQuestion);
  expect(mined).toEqual({
    title: '这个灯可以调亮度吗？',
    questions: ['这个灯可以调亮度吗？'],
    body: '按住开关三秒就可以调节亮度。',
  });
});

test.each([
  [[buyer('Thanks!'), agent('You are welcome, any time again.')]],
  [[buyer('Is it loud?'), { author: 'bot', text: 'We answer within an hour.' }]],
  [[agent('We have a new offer for you.'), buyer('Is it loud?')]],
  [[]],
])('nothing is learnt where nobody asked or nobody answered', (spoken) => {
  expect(mine(spoken, isQuestion)).toBeNull();
});
