import { auditMutants } from './audit.mutants.ts';
import { logMutants } from './log.mutants.ts';
import type { Mutant } from './mutant.port.ts';
import { readModelMutants } from './read-model.mutants.ts';
import { replyMutants } from './reply.mutants.ts';
import { webhookMutants } from './webhook.mutants.ts';

/** Faults that other systems have had, each built into a copy of this one. */
export const mutants: readonly Mutant[] = [
  ...webhookMutants,
  ...logMutants,
  ...readModelMutants,
  ...replyMutants,
  ...auditMutants,
];
