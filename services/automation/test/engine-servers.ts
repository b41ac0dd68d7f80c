import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVerify } from 'node:crypto';

/** What a server got. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

interface Replied {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
  /** The answer never ends. */
  readonly isEndless?: boolean;
}

/** Answers a request: a status with JSON or text, or never. */
export type Reply = (asked: Asked) => Replied | null;

export interface EngineServer {
  readonly url: string;
  readonly asked: Asked[];
  /** Replaces how it answers. */
  answer(reply: Reply): void;
  close(): Promise<void>;
}

/** A server on this machine that speaks like an engine and checks what it is asked. */
export async function engineServer(reply: Reply): Promise<EngineServer> {
  const asked: Asked[] = [];
  let current = reply;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
      const body: unknown = isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text);
      const one = { path: request.url ?? '', headers: request.headers, body };
      asked.push(one);
      const answer = current(one);
      if (answer === null) return;
      const content = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).write(content);
      if (answer.isEndless !== true) response.end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (next) => {
      current = next;
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** What an engine does with a text: the words become words of the target language, everything else stays. */
export type Translate = (text: string, target: string) => string;

type Fields = Record<string, unknown>;
const fieldsOf = (body: unknown) => body as Fields;
const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** DeepL: https://developers.deepl.com/api-reference/translate */
export function deeplReply(key: string, translate: Translate): Reply {
  return ({ path, headers, body }) => {
    const { text, target_lang: target, source_lang: source, ignore_tags: ignored, tag_handling: tags } = fieldsOf(body);
    if (path !== '/v2/translate') return { status: 404, body: { message: 'Not found' } };
    if (headers.authorization !== `DeepL-Auth-Key ${key}`)
      return { status: 403, body: { message: 'Authorization failed' } };
    if (!Array.isArray(text) || text.length > 50)
      return { status: 400, body: { message: "Parameter 'text' not specified." } };
    if (!/^(EN-US|EN-GB|PT-BR|PT-PT|ZH-HANS|ZH-HANT|DE|FR|ES|ES-419|JA|KO|NB)$/.test(String(target)))
      return { status: 400, body: { message: "Value for 'target_lang' not supported." } };
    if (!/^[A-Z]{2}$/.test(String(source)))
      return { status: 400, body: { message: "Value for 'source_lang' not supported." } };
    if (tags === 'xml' && JSON.stringify(ignored) !== '["x"]') return { status: 400, body: { message: 'ignore_tags' } };
    const translations = textsOf(text).map((one) => ({
      detected_source_language: source,
      text: translate(one, String(target)),
    }));
    return { status: 200, body: { translations } };
  };
}

/** LibreTranslate: https://libretranslate.com/docs */
export function libreReply(key: string | null, translate: Translate): Reply {
  return ({ path, body }) => {
    const { q, source, target, format, api_key: given } = fieldsOf(body);
    if (path !== '/translate') return { status: 404, body: { error: 'Not found' } };
    if (key !== null && given !== key) return { status: 403, body: { error: 'Invalid API key' } };
    if (format !== 'text' || !Array.isArray(q))
      return { status: 400, body: { error: 'Invalid request: missing q parameter' } };
    if (!/^(en|de|fr|es|zh|zt|pt|pb|ja|ko)$/.test(String(target)))
      return { status: 400, body: { error: `${String(target)} is not supported` } };
    if (!/^[a-z]{2}$/.test(String(source)))
      return { status: 400, body: { error: `${String(source)} is not supported` } };
    return { status: 200, body: { translatedText: textsOf(q).map((one) => translate(one, String(target))) } };
  };
}

interface Chat {
  readonly key: string;
  readonly model: string;
  /** The kinds of `response_format` it knows. */
  readonly formats: readonly (string | undefined)[];
}

/** OpenAI: https://platform.openai.com/docs/api-reference/chat/create */
export function chatReply({ key, model, formats }: Chat, translate: Translate): Reply {
  return ({ path, headers, body }) => {
    const { model: wanted, messages, response_format: format } = fieldsOf(body);
    if (path !== '/v1/chat/completions')
      return { status: 404, body: { error: { message: 'Unknown url', code: null } } };
    if (headers.authorization !== `Bearer ${key}`)
      return { status: 401, body: { error: { message: 'Incorrect API key', code: 'invalid_api_key' } } };
    if (wanted !== model) return { status: 404, body: { error: { message: 'no model', code: 'model_not_found' } } };
    const [system, user] = messages as { role: string; content: string }[];
    if (system?.role !== 'system' || user?.role !== 'user') return { status: 400, body: { error: { code: null } } };
    const kind = (format as { type?: string } | undefined)?.type;
    if (!formats.includes(kind)) return { status: 400, body: { error: { message: 'response_format', code: null } } };
    const { texts } = JSON.parse(user.content) as { texts: string[] };
    const target = / to (\S+) \(BCP 47\)/.exec(system.content)?.[1] ?? '';
    const content = JSON.stringify({ translations: texts.map((one) => translate(one, target)) });
    return { status: 200, body: chatAnswer(content) };
  };
}

/** A model for anything: it answers what `say` makes of the instructions and the data. */
export function modelReply(
  key: string,
  say: (system: string, data: readonly unknown[]) => unknown,
  usage: object = { prompt_tokens: 120, completion_tokens: 30 },
): Reply {
  return ({ headers, body }) => {
    if (headers.authorization !== `Bearer ${key}`)
      return { status: 401, body: { error: { message: 'Incorrect API key', code: 'invalid_api_key' } } };
    const { messages, stream } = body as { messages: { content: string }[]; stream?: boolean };
    const [system, ...data] = messages.map(({ content }) => content);
    const said = say(
      system ?? '',
      data.map((content): unknown => JSON.parse(content)),
    );
    const content = typeof said === 'string' ? said : JSON.stringify(said);
    if (stream === true) return chatStream(content);
    return { status: 200, body: { ...chatAnswer(content), usage } };
  };
}

export function chatAnswer(content: string | null, more: object = {}, finish = 'stop'): object {
  const message = { role: 'assistant', content, refusal: null, ...more };
  return { id: 'c', object: 'chat.completion', choices: [{ index: 0, finish_reason: finish, message }], usage: {} };
}

/** The same answer in parts, a few characters each, as a server streams it. */
export function chatStream(content: string, more: { finish?: string | null; isEnded?: boolean } = {}): Replied {
  const { finish = 'stop', isEnded = true } = more;
  const part = (delta: object, reason: string | null = null) => ({
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  const parts: object[] = [
    part({ role: 'assistant', content: '' }),
    ...(content.match(/[^]{1,7}/gu) ?? []).map((text) => part({ content: text })),
    ...(finish === null ? [] : [part({}, finish)]),
    { choices: [], usage: { prompt_tokens: 120, completion_tokens: 30 } },
  ];
  const lines = [...parts.map((one) => `data: ${JSON.stringify(one)}\n\n`), ...(isEnded ? ['data: [DONE]\n\n'] : [])];
  return { status: 200, body: lines.join(': keep-alive\n\n'), headers: { 'content-type': 'text/event-stream' } };
}

/** Google, version 2: https://cloud.google.com/translate/docs/reference/rest/v2/translate */
export function googleV2Reply(key: string, translate: Translate): Reply {
  return ({ path, headers, body }) => {
    const { q, target, source, format } = fieldsOf(body);
    if (path !== '/language/translate/v2') return { status: 404, body: { error: { code: 404, message: 'Not found' } } };
    if (headers['x-goog-api-key'] !== key)
      return {
        status: 400,
        body: {
          error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' },
        },
      };
    if (format !== 'html' && format !== 'text')
      return { status: 400, body: { error: { code: 400, message: 'format' } } };
    if (source === 'zh' || target === 'zh')
      return { status: 400, body: { error: { code: 400, message: 'Invalid language' } } };
    const translations = textsOf(q).map((one) => ({ translatedText: translate(one, String(target)) }));
    return { status: 200, body: { data: { translations } } };
  };
}

/** Google, version 3, with its exchange of a signed statement for a token. */
export function googleV3Reply(publicKey: string, translate: Translate): Reply {
  return ({ path, headers, body }) => {
    const fields = fieldsOf(body);
    if (path === '/token') {
      const [head = '', claims = '', signature = ''] = String(fields['assertion']).split('.');
      const isSigned = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url');
      const { scope, exp, iat } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Fields;
      const isRight =
        isSigned && String(scope).endsWith('/auth/cloud-translation') && Number(exp) - Number(iat) <= 3_600;
      const isGrant = fields['grant_type'] === 'urn:ietf:params:oauth:grant-type:jwt-bearer';
      if (!isRight || !isGrant) return { status: 400, body: { error: 'invalid_grant' } };
      return { status: 200, body: { access_token: 'token-1', expires_in: 3_599, token_type: 'Bearer' } };
    }
    if (path !== '/v3/projects/shop-1/locations/global:translateText') return { status: 404, body: {} };
    if (headers.authorization !== 'Bearer token-1')
      return { status: 401, body: { error: { message: 'no', status: 'UNAUTHENTICATED' } } };
    const { contents, targetLanguageCode: target, sourceLanguageCode: source, mimeType } = fields;
    if (!/^text\/(html|plain)$/.test(String(mimeType)) || typeof source !== 'string') return { status: 400, body: {} };
    return {
      status: 200,
      body: { translations: textsOf(contents).map((one) => ({ translatedText: translate(one, String(target)) })) },
    };
  };
}

/** Azure: https://learn.microsoft.com/azure/ai-services/translator/reference/v3-0-translate */
export function azureReply(key: string, region: string, translate: Translate): Reply {
  return ({ path, headers, body }) => {
    const url = new URL(path, 'http://azure');
    const to = url.searchParams.get('to') ?? '';
    if (url.pathname !== '/translate' || url.searchParams.get('api-version') !== '3.0')
      return { status: 400, body: { error: { code: 400_021, message: 'The API version parameter is not valid.' } } };
    if (headers['ocp-apim-subscription-key'] !== key || headers['ocp-apim-subscription-region'] !== region)
      return { status: 401, body: { error: { code: 401_000, message: 'The request is not authorized' } } };
    if (to === 'zh' || to === '')
      return { status: 400, body: { error: { code: 400_036, message: 'The target language is not valid.' } } };
    const texts = (body as { Text: string }[]).map(({ Text }) => Text);
    return { status: 200, body: texts.map((text) => ({ translations: [{ text: translate(text, to), to }] })) };
  };
}
