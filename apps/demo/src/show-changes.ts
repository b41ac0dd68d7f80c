import type { Twin } from '@crossdesk/twin';

const buyer = 'demo-changes';
const text = (words: string) => ({ kind: 'text' as const, text: words });

/** Lets a buyer react to messages, edit one and delete one, in every connected shop of a platform that has such things. */
export function showChanges(twin: Twin): void {
  for (const shop of twin.shops().filter(({ webhookUrl }) => webhookUrl !== null)) {
    if (!twin.pushesChanges(shop.platform)) continue;
    const asked = twin.buyerSays({ shop, buyer, content: text('Is the red lamp bak in stock?') });
    const deleted = twin.buyerSays({ shop, buyer, content: text('Sorry, wrong shop') });
    const answer = twin.sellerSaysInConsole({ shop, buyer, content: text('It is back on Monday.') });
    const change = (messageId: string) => ({ shop, buyer, messageId, by: 'buyer' as const });
    const content = text('Is the red lamp back in stock?');
    twin.changeMessage({ ...change(asked.messageId), change: { kind: 'edited', content } });
    twin.changeMessage({ ...change(deleted.messageId), change: { kind: 'deleted' } });
    twin.changeMessage({ ...change(answer.messageId), change: { kind: 'reacted', emoji: '❤️' } });
  }
}
