import { type MacroId, newId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  changed,
  type CommandCall,
  makeOnce,
  type Outcome,
  refuse,
  refuseLimited,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { WishedAction } from '../work-action/work-action.domain.ts';
import {
  isSame,
  type Macro,
  type MacroContent,
  type MacroScope,
  macrosMax,
  mayChange,
  readMacro,
} from './macro.domain.ts';
import { deleteMacroRow, insertMacro, lockMacros, macrosByIds, updateMacro } from './macro.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock'>;
type Call = CommandCall<DB>;

export interface MacroInput {
  readonly clientMutationId: string;
  /** Null for a new one. */
  readonly macroId: MacroId | null;
  readonly expectedVersion: number | null;
  readonly name: string;
  readonly scope: MacroScope;
  readonly actions: readonly WishedAction[];
}

type Refusal = 'CLIENT_ID_REUSED' | 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT';

/** Creates a macro, or changes what is in it. */
export async function saveMacro(deps: Deps, call: Call, input: MacroInput): Promise<Outcome<Macro, Refusal>> {
  const count = await lockMacros(call.trx, call.actor.tenantId);
  const content = readMacro(input.name, input.scope, input.actions);
  if (!content.ok) return content;
  return input.macroId === null
    ? createMacro(deps, call, input.clientMutationId, content.value, count)
    : changeMacro(deps, call, { ...input, macroId: input.macroId }, content.value);
}

function createMacro(
  { clock }: Deps,
  call: Call,
  clientMutationId: string,
  content: MacroContent,
  count: number,
): Promise<Outcome<Macro, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  return makeOnce<DB, Macro, Refusal>(
    call,
    { kind: 'macro', clientMutationId, content: [JSON.stringify(content)] },
    {
      find: async (id) => (await macrosByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        const limited = content.scope === 'all' ? refuseLimited(actor) : null;
        if (limited !== null) return limited;
        const person = personIn(call);
        if (person === null || !mayChange({ ...content, ownerId: person.agentId }, person)) return forbidden;
        if (count >= macrosMax)
          return refuse('INVALID_INPUT', null, `A workspace has at most ${macrosMax} macros: delete one first.`);
        const now = clock.now();
        const common = { tenantId, id: newId<MacroId>(), ownerId: person.agentId, version: 1 };
        const made: Macro = { ...content, ...common, createdAt: now, updatedAt: now };
        return accept({ made, record: () => insertMacro(trx, made) });
      },
    },
  );
}

async function changeMacro(
  { clock }: Deps,
  call: Call,
  { macroId, expectedVersion }: Pick<MacroInput, 'expectedVersion'> & { readonly macroId: MacroId },
  content: MacroContent,
): Promise<Outcome<Macro, Refusal>> {
  const macro = await changeable(call, macroId, content.scope);
  if (!macro.ok) return macro;
  const present = macro.value;
  if (isSame(present, content)) return unchanged(present);
  if (expectedVersion !== present.version) {
    const message = `The macro is at version ${present.version} now: read it again, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  const next = { ...present, ...content, version: present.version + 1, updatedAt: clock.now() };
  await updateMacro(call.trx, next);
  return changed(next, next.id);
}

/** Deletes a macro with its statistics. What it has done stays. */
export async function deleteMacro(
  _: unknown,
  call: Call,
  macroId: MacroId,
): Promise<Outcome<Macro, 'FORBIDDEN' | 'NOT_FOUND'>> {
  await lockMacros(call.trx, call.actor.tenantId);
  const macro = await changeable(call, macroId, null);
  if (!macro.ok) return macro;
  await deleteMacroRow(call.trx, macro.value);
  return changed(macro.value, macroId);
}

/** The macro, if the caller may give it this scope; null: the one it has. */
async function changeable(call: Call, macroId: MacroId, scope: MacroScope | null) {
  const macro = (await macrosByIds(call.trx, call.actor.tenantId, [macroId])).get(macroId);
  const person = personIn(call);
  // One of somebody else's own is not shown to be there.
  if (macro === undefined || person === null || (macro.scope === 'own' && !mayChange(macro, person))) return noMacro;
  if (!mayChange(macro, person) || !mayChange({ ...macro, scope: scope ?? macro.scope }, person)) return forbidden;
  const limited = macro.scope === 'all' || scope === 'all' ? refuseLimited(call.actor) : null;
  return limited ?? accept(macro);
}

export function personIn({ actor }: Pick<Call, 'actor'>) {
  const agentId = agentOf(actor);
  return agentId === null || !('role' in actor) ? null : { agentId, role: actor.role };
}

export const noMacro = refuse('NOT_FOUND', 'macroId', 'There is no macro with this id: take one from macros.');

const forbidden = refuse(
  'FORBIDDEN',
  'scope',
  'Only supervisors and admins change macros for everybody: make one of your own.',
);
