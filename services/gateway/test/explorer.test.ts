import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { composeServices } from '@apollo/composition';
import { buildSchema, parse, print, validate } from 'graphql';
import { explorerFetcher } from '../src/http/fetcher.ts';
import { tourTabs } from '../src/http/tour.ts';
import { personalFields } from '../src/live/event-answers.ts';
import { inboxEvent } from './events.ts';
import { startGateway, type TestGateway } from './gateway.ts';
import { sdlOf, serviceNames, supergraphSdl } from './services.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ knownEvents: () => ({ subjectId: 'c1', kind: 'MESSAGE_ADDED' }) });
});
afterAll(() => gateway.stop());

test('browsers get a page that loads nothing from elsewhere and runs only its own script', async () => {
  const response = await fetch(`${gateway.url}?query=%7Bme%7Bid%7D%7D`, {
    headers: { accept: 'text/html,application/xhtml+xml' },
  });
  const html = await response.text();
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(html).not.toMatch(/<script[^>]+src=/i);
  expect(html).not.toMatch(/<link[^>]+href="(?!data:)/i);
  expect(html).not.toMatch(/@import|url\(\s*['"]?https?:/i);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self'");
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text ?? '');
  expect(scripts).toHaveLength(1);
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  expect(policy.match(/script-src ([^;]*)/)?.[1]).toBe(hashes.join(' '));
});

test('programs get no page, and browsers get none if the explorer is off', async () => {
  const asked = await fetch(`${gateway.url}?query=%7B__typename%7D`, { headers: { accept: 'application/json' } });
  expect(await asked.json()).toMatchObject({ data: { __typename: 'Query' } });
  const closed = await startGateway({ explorer: false });
  expect((await fetch(closed.url, { headers: { accept: 'text/html' } })).status).toBe(406);
  await closed.stop();
});

test('every operation of the tour is valid', async () => {
  const schema = buildSchema(print(parse(supergraphSdl)), { assumeValidSDL: true });
  for (const { query } of tourTabs) expect(validate(schema, parse(query))).toEqual([]);
  const { body } = await gateway.ask(tourTabs[1]?.query ?? '');
  expect(body.errors?.filter(({ extensions }) => extensions['code'] !== 'INTERNAL') ?? []).toEqual([]);
});

test('the page’s fetcher asks by POST and follows live with the same token', async () => {
  const fetcher = explorerFetcher(gateway.url);
  const headers = { Authorization: `Bearer ${await gateway.tokenFor(gateway.agent)}` };
  expect(await fetcher({ query: '{ me { id } }' }, { headers })).toMatchObject({
    data: { me: { id: gateway.agent.agentId } },
  });
  const query =
    '# the subscription of the tour\nquery Other { me { id } }\nsubscription Live { inboxEvents { id kind } }';
  const live = await fetcher({ query, operationName: 'Live' }, { headers });
  const next = live.next();
  while (gateway.log.readerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
  const id = gateway.log.publish(
    { topic: 'conversation.conversation', partition: 0 },
    inboxEvent({ tenantId: gateway.agent.tenantId }),
  );
  expect(await next).toEqual({ done: false, value: { data: { inboxEvents: { id, kind: 'MESSAGE_ADDED' } } } });
  await live.return(undefined);
  const refused = await fetcher({ query, operationName: 'Live' }, {});
  expect(await refused.next()).toEqual({
    done: false,
    value: { errors: [{ message: 'the socket closed: 4401 No valid token: send { "authorization": "Bearer ..." }' }] },
  });
});

test('the supergraph is composed of the services’ schemas', () => {
  const services = ([...serviceNames, 'gateway'] as const).map((name) => ({
    name,
    typeDefs: parse(sdlOf(name)),
    url: '',
  }));
  const composed = composeServices(services);
  expect(composed.errors).toBeUndefined();
  const kinds = (sdl: string) =>
    parse(sdl)
      .definitions.map((definition) => ('name' in definition ? definition.name?.value : ''))
      .toSorted();
  expect(kinds(supergraphSdl)).toEqual(kinds(composed.supergraphSdl ?? ''));
});

test('every field that the schema shows only to the person themselves is listed as depending on the caller', () => {
  const found = parse(supergraphSdl).definitions.flatMap((definition) => {
    if (definition.kind !== 'ObjectTypeDefinition') return [];
    const personal = (definition.fields ?? []).filter(({ description }) =>
      /himself|themselves|the person or token behind/i.test(description?.value ?? ''),
    );
    return personal.map(({ name }) => `${definition.name.value}.${name.value}`);
  });
  expect(found.toSorted()).toEqual([...personalFields].toSorted());
});
