import { auditMutants } from './audit/audit.mutants.ts';
import { logMutants } from './log/log.mutants.ts';
import type { Mutant } from './mutant.port.ts';
import { readModelMutants } from './read-model/read-model.mutants.ts';
import { replyMutants } from './reply/reply.mutants.ts';
import { teamMutants } from './team/team.mutants.ts';
import { webhookMutants } from './webhook/webhook.mutants.ts';

/** Faults that other systems have had, each as a variant of this one. */
export const mutants: readonly Mutant[] = [
  ...webhookMutants,
  ...logMutants,
  ...readModelMutants,
  ...replyMutants,
  ...auditMutants,
  ...teamMutants,
];
