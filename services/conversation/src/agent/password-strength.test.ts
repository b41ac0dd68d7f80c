import { expect, test } from '@jest/globals';
import { refuseWeak } from './password-strength.ts';

const words = ['Ada Berg', 'ada.berg@lumina.example'];

test.each([
  'Password1234!',
  '123456789012',
  'qwertyuiop[]',
  'aaaaaaaaaaaaaaaaaaaa',
  'abcdefghijkl',
  'passwordpassword',
  'ada.berg@lumina.example',
  'lumina-lumina-1',
  'Crossdesk2026!',
  'correct horse battery staple',
  'Correct-Horse-Battery-Staple-1',
  'correcthorsebatterystaple!',
  'C0rrect.Horse.Battery.Staple',
  'may the force be with you',
  'The quick brown fox jumps over the lazy dog.',
  '床前明月光疑是地上霜',
])('%s is easy to guess', (password) => {
  expect(refuseWeak('password', password, words)).toMatchObject({
    errors: [{ code: 'INVALID_INPUT', path: ['input', 'password'] }],
  });
});

test.each([
  'correct horse battery',
  'demo-lumina-agent',
  'tJ8#kkqP20-x',
  '海鲜 面条 天空 下雨 的 周二 晚上',
  'ab'.repeat(20) + ' x7 q!',
])('%s is not', (password) => {
  expect(refuseWeak('password', password, words)).toBeNull();
});
