import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { createSign } from 'node:crypto';
import { bodyOf, expectDone } from '../../engine/answer.ts';
import { baseOf, expectAll, isTagged, isTraditional } from './answer.ts';
import { EngineError, type HttpAnswer, type Post } from '../../engine/engine-error.domain.ts';
import type { Engine, EngineRecord } from './engine.port.ts';

const limits = {
  needs: { apiKey: true, region: false, model: false },
  masks: ['html', 'token'],
  textsPerCallMax: 100,
  charactersPerCallMax: 5_000,
} as const satisfies Partial<EngineRecord>;

const answerOfV2 = Type.Object({
  data: Type.Object({ translations: Type.Array(Type.Object({ translatedText: Type.String() })) }),
});

/** Google Cloud Translation, version 2, with a key. */
export const googleV2: Engine = {
  record: { kind: 'google-v2', baseUrl: 'https://translation.googleapis.com', ...limits },
  async translate(post, { baseUrl, apiKey }, { texts, style, source, target }) {
    const answer = await post({
      url: `${baseUrl}/language/translate/v2`,
      headers: { 'x-goog-api-key': apiKey ?? '' },
      body: {
        q: texts,
        source: languageOf(source),
        target: languageOf(target),
        format: isTagged(style) ? 'html' : 'text',
      },
    });
    expectDone(answer, meaning);
    return expectAll(
      texts,
      bodyOf(answerOfV2, answer).data.translations.map(({ translatedText }) => translatedText),
    );
  },
};

const answerOfV3 = Type.Object({ translations: Type.Array(Type.Object({ translatedText: Type.String() })) });
/** The parts of the key file of a service account that are needed. */
const keyFile = Type.Object({
  project_id: Type.String({ pattern: '^[a-z0-9:.-]{1,100}$' }),
  client_email: Type.String(),
  private_key: Type.String(),
});
const tokenAnswer = Type.Object({ access_token: Type.String(), expires_in: Type.Number() });
const tokenPath = '/token';
const tokenHost = 'https://oauth2.googleapis.com';
const scope = 'https://www.googleapis.com/auth/cloud-translation';

interface Token {
  readonly value: string;
  readonly until: number;
}

/** Google Cloud Translation, version 3, with the key file of a service account. */
export function createGoogleV3(now: () => number = Date.now): Engine {
  /** By key file: a token is asked for once an hour. */
  const tokens = new Map<string, Token>();
  const record: EngineRecord = { kind: 'google-v3', baseUrl: 'https://translation.googleapis.com', ...limits };

  async function tokenOf(post: Post, file: string, account: ServiceAccount, host: string): Promise<string> {
    const known = tokens.get(file);
    if (known !== undefined && known.until > now()) return known.value;
    const url = `${host}${tokenPath}`;
    const assertion = signedAssertion(account, url, now());
    const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    const answer = await post({ url, headers: {}, body });
    expectDone(answer, ({ status }) => (status === 400 ? 'unauthorised' : null));
    const { access_token: value, expires_in: seconds } = bodyOf(tokenAnswer, answer);
    tokens.clear();
    tokens.set(file, { value, until: now() + (seconds - 60) * 1_000 });
    return value;
  }

  return {
    record,
    async translate(post, { baseUrl, apiKey }, { texts, style, source, target }) {
      const file = apiKey ?? '';
      const account = readKeyFile(file);
      const host = baseUrl === record.baseUrl ? tokenHost : baseUrl;
      const token = await tokenOf(post, file, account, host);
      const answer = await post({
        url: `${baseUrl}/v3/projects/${account.project_id}/locations/global:translateText`,
        headers: { authorization: `Bearer ${token}` },
        body: {
          contents: texts,
          mimeType: isTagged(style) ? 'text/html' : 'text/plain',
          sourceLanguageCode: languageOf(source),
          targetLanguageCode: languageOf(target),
        },
      });
      if (answer.status === 401) tokens.delete(file);
      expectDone(answer, meaning);
      return expectAll(
        texts,
        bodyOf(answerOfV3, answer).translations.map(({ translatedText }) => translatedText),
      );
    },
  };
}

interface ServiceAccount {
  readonly project_id: string;
  readonly client_email: string;
  readonly private_key: string;
}

/** @throws EngineError */
function readKeyFile(text: string): ServiceAccount {
  try {
    const json: unknown = JSON.parse(text);
    if (Value.Check(keyFile, json)) return json;
  } catch (cause) {
    throw new EngineError('unauthorised', 'the key file is no JSON', null, { cause });
  }
  throw new EngineError('unauthorised', 'the key file lacks project_id, client_email or private_key');
}

/** A statement of the account about itself, which Google exchanges for a token (RFC 7523). */
function signedAssertion(account: ServiceAccount, audience: string, nowMs: number): string {
  const issuedAt = Math.floor(nowMs / 1_000);
  const claims = { iss: account.client_email, scope, aud: audience, iat: issuedAt, exp: issuedAt + 3_600 };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  try {
    return `${content}.${createSign('RSA-SHA256').update(content).sign(account.private_key, 'base64url')}`;
  } catch (cause) {
    throw new EngineError('unauthorised', 'the private key of the key file cannot be read', null, { cause });
  }
}

function languageOf(locale: string): string {
  if (baseOf(locale) === 'zh') return isTraditional(locale) ? 'zh-TW' : 'zh-CN';
  return /^pt-pt\b/i.test(locale) ? 'pt-PT' : baseOf(locale);
}

const errorSchema = Type.Object({
  error: Type.Object({ message: Type.String(), status: Type.Optional(Type.String()) }),
});

function meaning({ status, json }: HttpAnswer) {
  const { message = '', status: name = '' } = Value.Check(errorSchema, json) ? json.error : {};
  if (status === 400 && /language/i.test(message)) return 'language';
  if (status === 400 && /api key not valid/i.test(message)) return 'unauthorised';
  if (status === 403 && /limit exceeded|quota/i.test(message)) return /daily/i.test(message) ? 'quota' : 'rate-limited';
  return name === 'RESOURCE_EXHAUSTED' ? 'rate-limited' : null;
}
