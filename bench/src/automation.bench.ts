import { understand } from '@crossdesk/automation';
import { type Figure, percentile } from './figures.ts';
import { benchKnowledge } from './knowledge.bench.ts';
import { benchRules } from './rules.bench.ts';

/** Messages as buyers write them, short and long, in several scripts. */
const texts = [
  'where is my order 240918ABCX7??',
  'Hallo, ich habe vor zwei Wochen bestellt und noch nichts bekommen. Wo bleibt das Paket? Sonst gehe ich zum Anwalt.',
  '请问我的订单什么时候发货，已经等了一个星期了，再不发货我就要退款并且投诉到12315了',
  'こんにちは。先週注文した商品がまだ届きません。追跡番号LX928374651CNも更新されていません。',
  'Olá, o produto chegou quebrado e quero meu dinheiro de volta, R$ 129,90 pagos em 03/03/2026. Meu email é ana@mail.example',
  'السلام عليكم، متى يصل طلبي رقم 1234567؟ دفعت مرتين',
  'ของยังไม่ได้รับเลยค่ะ สั่งไปสิบวันแล้ว ขอคืนเงินด้วย',
  'Thank you so much, I love it! ❤️',
  `I am writing about order #1001. ${'It arrived late, the box was open and one of the cups was broken, so I called you twice. '.repeat(8)}`,
];
const rounds = 600;

/** The analysis of a message with all heads, risks and entities; beside it, reading the characters of the text once. */
export async function benchAutomation(): Promise<Figure[]> {
  measure((text) => understand(text, 'en').intents.length);
  const analysis = measure((text) => understand(text, 'en').intents.length);
  const raw = measure(readOnce);
  const detail = `reading the characters once: ${percentile(raw, 0.95).toFixed(1)} us`;
  const p50 = percentile(analysis, 0.5);
  const p95 = percentile(analysis, 0.95);
  return [
    { name: 'analysis of a message, p50', value: p50, unit: 'us', target: '<= 400', isReached: p50 <= 400 },
    { name: 'analysis of a message, p95', value: p95, unit: 'us', target: '<= 800', isReached: p95 <= 800, detail },
    ...(await benchRules()),
    ...benchKnowledge(),
  ];
}

function measure(work: (text: string) => number): number[] {
  const times: number[] = [];
  let sum = 0;
  for (let round = 0; round < rounds; round += 1)
    for (const text of texts) {
      const startedAt = performance.now();
      sum += work(text);
      times.push((performance.now() - startedAt) * 1_000);
    }
  if (sum < 0) throw new Error('nothing was measured');
  return times;
}

function readOnce(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 1;
}
