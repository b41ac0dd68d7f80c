import { type ConversationId, type MacroId, type MacroRunId, newId } from '@crossdesk/contracts';
import { accept, changed, type CommandCall, type Decision, makeOnce, type Outcome } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import { noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, refuseVersion } from '../conversation/conversation.domain.ts';
import { lockConversation } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { type ActionDeps, type ActionRefusal, carryOutAction } from '../work-action/carry-out-action.ts';
import { noMacro, personIn } from './macro.commands.ts';
import { type Macro, type MacroRun, mayRun } from './macro.domain.ts';
import { insertRun, macrosByIds, runById } from './macro.store.ts';

export interface RunMacroInput {
  readonly clientMutationId: string;
  readonly macroId: MacroId;
  readonly conversationId: ConversationId;
  /** Null for a caller who decides by the present state of the conversation. */
  readonly expectedVersion: number | null;
}

/** Carries out all actions of a macro, or none of them; once per clientMutationId. */
export async function runMacro(
  deps: ActionDeps,
  call: CommandCall<DB>,
  input: RunMacroInput,
): Promise<Outcome<MacroRun, ActionRefusal>> {
  await sql`savepoint macro`.execute(call.trx);
  const outcome = await runOnce(deps, call, input);
  // Also for a repeated call: what it did before it found the first one must not stay.
  if (!outcome.ok || outcome.did === null) await sql`rollback to savepoint macro`.execute(call.trx);
  return outcome.ok && outcome.did !== null ? changed(outcome.value, outcome.value.conversationId) : outcome;
}

async function runOnce(
  deps: ActionDeps,
  call: CommandCall<DB>,
  { clientMutationId, macroId, conversationId, expectedVersion }: RunMacroInput,
): Promise<Outcome<MacroRun, ActionRefusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  return makeOnce<DB, MacroRun, ActionRefusal>(
    call,
    { kind: 'macro-run', clientMutationId, content: [macroId, conversationId] },
    {
      find: (id) => runById(trx, tenantId, id),
      decide: async () => {
        if (locked === null) return noConversation;
        const macro = (await macrosByIds(trx, tenantId, [macroId])).get(macroId);
        const person = personIn(call);
        if (macro === undefined || person === null || !mayRun(macro, person)) return noMacro;
        const conflict = refuseVersion(locked, expectedVersion);
        if (conflict !== null) return conflict;
        const id = newId<MacroRunId>();
        const done = await carryOutAll(deps, call, locked, macro, id);
        if (!done.ok) return done;
        const { agentId } = person;
        const made = { tenantId, id, macroId, conversationId: locked.id, agentId, ranAt: deps.clock.now() };
        return accept({ made, record: () => insertRun(trx, made) });
      },
    },
  );
}

/** Carries out one action after the other; the first that is refused ends it. */
async function carryOutAll(
  deps: ActionDeps,
  call: CommandCall<DB>,
  conversation: Conversation,
  { actions }: Macro,
  runId: MacroRunId,
): Promise<Decision<null, ActionRefusal>> {
  for (const [index, action] of actions.entries()) {
    const place = { conversation, clientMutationId: `macro:${runId}:${index}`, isBulk: false };
    const outcome = await carryOutAction(deps, call, place, action);
    if (!outcome.ok) {
      const told = (message: string) => `Action ${index + 1}, ${action.kind}: ${message}`;
      return {
        ok: false,
        errors: outcome.errors.map((error) => ({ ...error, message: told(error.message), path: ['input', 'macroId'] })),
      };
    }
  }
  return accept(null);
}
