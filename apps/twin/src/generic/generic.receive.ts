import type { Context } from '../platform.port.ts';
import { executeSend } from '../happen.ts';
import { decodeJson, field, isRecord, textField } from '../json.ts';
import type { Content, Shop } from '../model.ts';
import type { Answer, Call } from '../call.ts';
import type { Route } from '../serve.ts';
import { genericAnswer } from './generic.entry.ts';

/** Accepts `message.outbound` at any path: sellers enter one address per channel. */
export function genericRoutes(): readonly Route[] {
  // Each webhook-id is executed once; a repetition gets the first answer again.
  const executed = new Map<string, string>();
  const handle = async (context: Context, shop: Shop, call: Call): Promise<Answer> => {
    const webhookId = call.headers['webhook-id'] ?? '';
    const known = executed.get(`${shop.externalAccountId}/${webhookId}`);
    if (known !== undefined) return genericAnswer(200, { duplicate: true, externalId: known });
    const body = decodeJson(call.body);
    if (textField(body, 'type') !== 'message.outbound') return genericAnswer(202, { accepted: true });
    const thread = context.world.thread(shop, textField(body, 'data', 'conversationKey'));
    const content = readContent(body);
    if (thread === null) return genericAnswer(404, { error: 'conversationKey is unknown' });
    if (content === null) return genericAnswer(400, { error: 'data has neither text nor content' });
    const { message, afterwards } = await executeSend(context, thread, content, webhookId);
    executed.set(`${shop.externalAccountId}/${webhookId}`, message.id);
    return { ...genericAnswer(200, { externalId: message.id }), afterwards };
  };
  return [
    { method: 'POST', path: '', isSend: true, handle },
    { method: 'POST', path: '/*', isSend: true, handle },
  ];
}

function readContent(body: unknown): Content | null {
  const content = field(body, 'data', 'content');
  const kind = textField(content, 'kind');
  const text = textField(body, 'data', 'text');
  if (isRecord(content) && kind !== '' && kind !== 'text') return { kind: 'native', type: kind, value: content };
  return text === '' ? null : { kind: 'text', text };
}
