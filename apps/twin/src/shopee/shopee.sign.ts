import { hmacHex } from '../hmac.ts';

export interface RequestToSign {
  readonly partnerId: string;
  readonly partnerKey: string;
  readonly path: string;
  readonly timestamp: string;
  /** Shop-level calls add both, public calls neither. */
  readonly accessToken?: string;
  readonly shopId?: string;
}

export function signRequest(request: RequestToSign): string {
  const { partnerId, path, timestamp, accessToken = '', shopId = '' } = request;
  return hmacHex(request.partnerKey, `${partnerId}${path}${timestamp}${accessToken}${shopId}`);
}

/** The signature covers the callback address, exactly as it is registered. */
export function signPush(partnerKey: string, callbackUrl: string, rawBody: string): string {
  return hmacHex(partnerKey, `${callbackUrl}|${rawBody}`);
}
