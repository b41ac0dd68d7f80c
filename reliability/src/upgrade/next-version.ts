import { join } from 'node:path';
import type { Variant } from '../stand-ins/stand-in.ts';

/**
 * The product as its next version could be. It changes what may change within a version, and nothing else: an optional field
 * in an event, types of events on topics that have readers, a column that may be null.
 */
export const nextVersion: Variant = ['events', 'record-messages', 'take-messages', 'analyse-messages', 'migrate'].map(
  (name) => join(import.meta.dirname, 'next', `${name}.ts`),
);
