import { type Caller, jsonBodyOf, type Receiver, toRequest } from '../caller.ts';
import { textField } from '../json.ts';
import { seconds } from '../model.ts';
import { signPush, signRequest } from './tiktok-shop.sign.ts';

export const tiktokCaller: Caller = {
  sign({ baseUrls, credentials }, call, at) {
    const { app_key = '', app_secret: appSecret = '', shop_cipher = '', access_token = '' } = credentials;
    const query = { app_key, shop_cipher, timestamp: String(seconds(at)) };
    const signed = new URLSearchParams({ ...call.query, ...query });
    const sign = signRequest({ appSecret, path: call.path, query: signed, body: jsonBodyOf(call) });
    const headers = { 'x-tts-access-token': access_token };
    return toRequest(baseUrls.api, call, { query: { ...query, sign }, headers });
  },
  sendText: (_shop, { threadId }, text) => ({
    path: `/customer_service/202309/conversations/${threadId}/messages`,
    json: { type: 'TEXT', content: JSON.stringify({ content: text }) },
  }),
  sentMessageId: (answer) => textField(answer, 'data', 'message_id') || null,
};

export const tiktokReceiver: Receiver = {
  isSigned: ({ credentials: { app_key = '', app_secret = '' } }, { headers, raw }) =>
    headers['authorization'] === signPush(app_key, app_secret, raw),
  messageId: ({ body }) => textField(body, 'data', 'message_id') || null,
};
