import { join } from 'node:path';

/** The root folder of the repository. */
export const root = join(import.meta.dirname, '..', '..');

/** The services that own a subgraph and a Postgres schema. */
export const subgraphs = ['ingest', 'conversation', 'crm', 'automation', 'analytics'] as const;
export type Subgraph = (typeof subgraphs)[number];
