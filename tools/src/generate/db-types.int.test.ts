import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cloneDatabase, type TestDatabase } from '@crossdesk/testkit';
import { Client } from 'pg';
import { generateDbTypes } from './db-types.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await cloneDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    create schema shop;
    create type shop.mood as enum ('calm', 'cross');
    create domain shop.tag as text;
    create table shop.visit (
      tenant_id uuid not null,
      seq bigint generated always as identity,
      amount_minor bigint,
      mood shop.mood not null,
      tag shop.tag not null,
      tags text[] not null default '{}',
      marks text[],
      detail jsonb not null,
      started_at timestamptz not null default now(),
      is_open boolean not null default true,
      words tsvector generated always as (to_tsvector('simple', '')) stored,
      primary key (tenant_id, started_at)
    ) partition by range (started_at);
    create table shop.visit_2026_01 partition of shop.visit for values from ('2026-01-01') to ('2026-02-01');
  `);
  await client.end();
});

afterAll(() => database.drop());

test('a table becomes an interface, its partitions do not', async () => {
  const text = await generateDbTypes(database.url, 'shop');
  expect(text).toContain(`export interface VisitTable {
  tenant_id: string;
  seq: GeneratedAlways<Int8>;
  amount_minor: Int8 | null;
  mood: 'calm' | 'cross';
  tag: string;
  tags: Generated<string[]>;
  marks: string[] | null;
  detail: Json;
  started_at: Generated<Timestamp>;
  is_open: Generated<boolean>;
  words: GeneratedAlways<string | null>;
}
`);
});

test('the tables of another schema are left out', async () => {
  const text = await generateDbTypes(database.url, 'crm', 'automation');
  expect(text).toContain('export interface ProfileTable {');
  expect(text).not.toMatch(/OutboxEvent|ConsumedEvent/);
});

test('a schema without tables is refused', async () => {
  await expect(generateDbTypes(database.url, 'nowhere')).rejects.toThrow('did its migrations run?');
});
