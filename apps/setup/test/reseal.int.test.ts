import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import {
  auditKeyOf,
  type Keyring,
  keysOf,
  nextEntry,
  seal,
  type SealedPlace,
  sealingKeyOf,
  startOfChain,
  unseal,
} from '@crossdesk/service-kit';
import { eventually, startOwnPostgres, testKeys, testMaster, type TestPostgres } from '@crossdesk/testkit';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrateAll } from '../src/migrate-all.ts';
import { verifyAudit } from '../src/audit-verify.ts';
import { reseal } from '../src/reseal.ts';

const newMaster = Buffer.alloc(32, 8);
const changing = keysOf(newMaster, testMaster);
const after = keysOf(newMaster);
const appsCount = 250;
const urlOf = () => postgres.adminUrl;
/** Its own server: roles, whose passwords change with the secret, belong to a whole server. */
let postgres: TestPostgres;
let client: Client;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  await migrateAll({ adminUrl: postgres.adminUrl, keys: testKeys }, () => undefined);
  client = new Client({ connectionString: postgres.adminUrl });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await postgres.stop();
});

const tenantId = newId();
const placeOf = (row: string, column: SealedPlace['column']): SealedPlace => ({
  tenantId,
  table: 'channel_app',
  column,
  row,
});

/** Apps as ingest stores them, and a signing key as conversation does. */
async function givenSealed(): Promise<void> {
  const key = sealingKeyOf(testKeys, 'ingest');
  for (let number = 0; number < appsCount; number += 1) {
    const id = newId();
    await client.query(
      `insert into ingest.channel_app (tenant_id, id, channel, display_name, token_hash, sealed_token,
         sealed_credentials, api_base_url, auth_base_url)
       values ($1, $2, 'SHOPEE', $3, $4, $5, $6, 'https://a.example', 'https://a.example')`,
      [
        tenantId,
        id,
        `app ${number}`,
        Buffer.from(id),
        seal(key, placeOf(id, 'sealed_token'), `token ${id}`),
        seal(key, placeOf(id, 'sealed_credentials'), `credentials ${id}`),
      ],
    );
  }
  const id = newId();
  const place = { tenantId: 'installation', table: 'signing_key', column: 'sealed_private', row: id } as const;
  await client.query(
    `insert into conversation.signing_key (id, public_jwk, sealed_private, created_at) values ($1, '{}', $2, now())`,
    [id, seal(sealingKeyOf(testKeys, 'conversation'), place, 'private')],
  );
}

async function givenChain(): Promise<void> {
  const deed = { at: new Date(), actorKind: 'system', actorId: null, action: 'test', targetId: null } as const;
  const entry = nextEntry(auditKeyOf(testKeys, 'crm').current, startOfChain(tenantId), deed);
  const hash = Buffer.from(entry.hash, 'hex');
  await client.query(
    `insert into crm.audit_entry (tenant_id, seq, at, actor_kind, action, previous_hash, hash)
     values ($1, 1, $2, 'system', 'test', $3, $4)`,
    [tenantId, entry.at, Buffer.from(entry.previousHash, 'hex'), hash],
  );
  await client.query('insert into crm.audit_head values ($1, 1, $2)', [tenantId, hash]);
}

/** How many tokens and credentials these keys open. */
async function openedBy(key: Keyring): Promise<number> {
  const { rows } = await client.query<{ id: string; sealed_token: Buffer; sealed_credentials: Buffer }>(
    'select id, sealed_token, sealed_credentials from ingest.channel_app',
  );
  const opens = (id: string, column: 'sealed_token' | 'sealed_credentials', sealed: Buffer) => {
    try {
      return unseal(key, placeOf(id, column), sealed) === `${column.slice(7)} ${id}`;
    } catch {
      return false;
    }
  };
  return rows
    .flatMap((row) => [
      opens(row.id, 'sealed_token', row.sealed_token),
      opens(row.id, 'sealed_credentials', row.sealed_credentials),
    ])
    .filter(Boolean).length;
}

/** Ends the command by SIGKILL after its first batch, which it has committed: a row of the second one is locked. */
async function killedInTheMiddle(): Promise<void> {
  const holder = new Client({ connectionString: postgres.adminUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query(
    `select from ingest.channel_app
     where id = (select id from ingest.channel_app order by id::text offset 150 limit 1) for update`,
  );
  const command = spawn(process.execPath, [join(import.meta.dirname, '../src/main.ts'), 'reseal'], {
    env: {
      ...process.env,
      DATABASE_URL: postgres.adminUrl,
      CROSSDESK_SECRET: newMaster.toString('base64'),
      CROSSDESK_SECRET_PREVIOUS: testMaster.toString('base64'),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(command, 'exit');
  await eventually(async () => expect(await openedBy(sealingKeyOf(after, 'ingest'))).toBe(100));
  command.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  await holder.end();
}

test('the master secret is changed while services run: a run that was killed is continued, and then the old secret opens nothing', async () => {
  await givenSealed();
  await givenChain();
  // What the migrate job does before the services start with both secrets.
  await migrateAll({ adminUrl: postgres.adminUrl, keys: changing }, () => undefined);
  await killedInTheMiddle();
  const [before, now] = [sealingKeyOf(testKeys, 'ingest'), sealingKeyOf(after, 'ingest')];
  expect([await openedBy(before), await openedBy(now)]).toEqual([2 * appsCount - 100, 100]);
  expect(await openedBy(sealingKeyOf(changing, 'ingest'))).toBe(2 * appsCount);

  const said: string[] = [];
  await reseal(changing, urlOf, (line) => said.push(line));
  expect([await openedBy(before), await openedBy(now)]).toEqual([0, 2 * appsCount]);
  expect(said).toContain('ingest.channel_app.sealed_credentials: 150 sealed again');
  expect(said.at(-1)).toBe('nothing needs the previous master secret any more');

  said.length = 0;
  await reseal(changing, urlOf, (line) => said.push(line));
  expect(said.filter((line) => line.includes('sealed again'))).toEqual(
    said.filter((line) => line.endsWith(': 0 sealed again')),
  );
});

test('then audit chains are verified with the new secret alone, and end with it', async () => {
  const chain = async () =>
    (await verifyAudit({ adminUrl: postgres.adminUrl, keys: after })).find((one) => one.tenantId === tenantId);
  expect(await chain()).toMatchObject({ service: 'crm', length: 2, broken: null });
  // Who still knows the old secret, and can write to the database, cuts off the end and adds their own entry.
  const deed = { at: new Date(), actorKind: 'system', actorId: null, action: 'forged', targetId: null } as const;
  const { rows } = await client.query<{ hash: Buffer }>('select hash from crm.audit_entry where seq = 1');
  const first = { tenantId, seq: 1, hash: rows[0]?.hash.toString('hex') ?? '' };
  const forged = nextEntry(auditKeyOf(testKeys, 'crm').current, first, deed);
  const hash = Buffer.from(forged.hash, 'hex');
  await client.query(`update crm.audit_entry set at = $1, action = 'forged', hash = $2 where seq = 2`, [
    forged.at,
    hash,
  ]);
  await client.query('update crm.audit_head set hash = $1', [hash]);
  expect(await chain()).toMatchObject({ broken: { seq: 2, how: 'hash' } });
});

test('values that neither secret opens are named, and the old secret is not called needless', async () => {
  const id = newId();
  await client.query('update ingest.channel_app set id = $1 where display_name = $2', [id, 'app 7']);
  await client.query(`update ingest.channel_app set sealed_token = '\\x02' where id = $1`, [id]);
  const said: string[] = [];
  const run = reseal(changing, urlOf, (line) => said.push(line));
  await expect(run).rejects.toThrow('1 values are opened by neither master secret');
  expect(said.join('\n')).toContain(id);
  await expect(reseal(after, urlOf, () => undefined)).rejects.toThrow('CROSSDESK_SECRET_PREVIOUS is not set');
});
