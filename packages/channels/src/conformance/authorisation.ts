import { expect, test } from '@jest/globals';
import {
  type Authorisation,
  type ChannelAccount,
  type ChannelAdapter,
  PlatformCallError,
  PlatformRefusal,
} from '../port/index.ts';
import { contextOf } from './context.ts';

const given = { redirectUrl: 'https://desk.example/authorisations/here', state: 'state-4711' };

export function describeAuthorisation(
  { connection }: Pick<ChannelAdapter, 'connection'>,
  authorisation: Authorisation,
  account: ChannelAccount,
): void {
  const context = contextOf(account, async () => ({ status: 500, headers: {}, body: '' }));

  test('the address where the seller agrees contains the state and no secret', () => {
    const url = authorisation.start(context, given);
    expect(decodeURIComponent(url)).toContain(given.state);
    // The platform's own ids may be shown; signing keys and tokens may not.
    const secrets = Object.entries(account.credentials).filter(([name]) => /secret|key$|token/.test(name));
    expect(secrets.length).toBeGreaterThan(0);
    for (const [, value] of secrets) expect(url).not.toContain(value);
  });

  test('the values that the authorisation obtains have their own fields', () => {
    const scopes = connection.credentialFields.map(({ scope }) => scope);
    expect(scopes).toEqual(expect.arrayContaining(['app', 'account']));
  });

  test.each([[{}], [{ code: '' }], [{ error: 'access_denied' }]])(
    'a return with %j is refused without a call',
    async (query) => {
      await expect(authorisation.complete(context, query)).rejects.toMatchObject({ kind: 'permanent' });
    },
  );

  test('a failing platform causes a named error', async () => {
    const query = { code: 'c-1', shop_id: '700100200' };
    const error: unknown = await authorisation.complete(context, query).catch((thrown: unknown) => thrown);
    expect(error instanceof PlatformRefusal || error instanceof PlatformCallError).toBe(true);
  });
}
