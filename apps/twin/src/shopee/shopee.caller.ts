import { type Caller, type Receiver, toRequest } from '../caller.ts';
import { textField } from '../json.ts';
import { seconds } from '../model.ts';
import { signPush, signRequest } from './shopee.sign.ts';

export const shopeeCaller: Caller = {
  sign(shop, call, at) {
    const { partner_id = '', partner_key: partnerKey = '', access_token = '' } = shop.credentials;
    const shop_id = shop.externalAccountId;
    const timestamp = String(seconds(at));
    const app = { partnerId: partner_id, partnerKey, path: call.path, timestamp };
    if (call.path.startsWith('/api/v2/auth/')) {
      return toRequest(shop.baseUrls.auth, call, { query: { partner_id, timestamp, sign: signRequest(app) } });
    }
    const sign = signRequest({ ...app, accessToken: access_token, shopId: shop_id });
    return toRequest(shop.baseUrls.api, call, { query: { partner_id, timestamp, sign, access_token, shop_id } });
  },
  sendText: (_shop, { threadId, buyer }, text) => ({
    path: '/api/v2/sellerchat/send_message',
    json: {
      to_id: Number(buyer.externalId),
      conversation_id: threadId,
      message_type: 'text',
      content: { text },
    },
  }),
  sentMessageId: (answer) => textField(answer, 'response', 'message_id') || null,
};

export const shopeeReceiver: Receiver = {
  isSigned: ({ credentials }, { url, headers, raw }) =>
    headers['authorization'] === signPush(credentials['partner_key'] ?? '', url, raw),
  messageId: ({ body }) => textField(body, 'data', 'content', 'message_id') || null,
};
