import { claimClientRequest, type ClientRequest, findClientRequest } from './client-request.store.ts';
import { changed, type CommandCall, type Outcome, unchanged } from './command.port.ts';
import { type Decision, refuseClientMutationId } from './decision.domain.ts';

/** The thing to create, and how to write it. */
interface Plan<Made> {
  readonly made: Made;
  /** Null for something that is already there: nothing is written, and no entry of the audit chain is made. */
  readonly record: (() => Promise<void>) | null;
}

interface Steps<Made extends { readonly id: string }, Code extends string> {
  /** Reads the thing that an earlier call with the same key created. */
  find(id: Made['id']): Promise<Made | null>;
  /** Decides what to create, and writes nothing yet. */
  decide(): Promise<Decision<Plan<Made>, Code>>;
}

/**
 * Creates something once per client key: a repeated call gets the thing that the first call created, even if both
 * arrive together. Take the locks that `decide` needs before, so that a repeated call finds the result of the first
 * instead of being refused because of it.
 */
export async function makeOnce<Tables, Made extends { readonly id: string }, Code extends string>(
  { trx, actor: { tenantId } }: CommandCall<Tables>,
  { kind, clientMutationId }: Pick<ClientRequest, 'kind' | 'clientMutationId'>,
  { find, decide }: Steps<Made, Code>,
): Promise<Outcome<Made, Code | 'INVALID_INPUT'>> {
  const malformed = refuseClientMutationId(clientMutationId);
  if (malformed !== null) return malformed;
  const request = { tenantId, kind, clientMutationId };
  // Only calls of this kind write it, and they write the id of the thing they created.
  const findMade = async (id: string | null) => (id === null ? null : find(id as Made['id']));
  const earlier = await findMade(await findClientRequest(trx, request));
  if (earlier !== null) return unchanged(earlier);
  const decision = await decide();
  if (!decision.ok) return decision;
  const { made, record } = decision.value;
  const first = await findMade(await claimClientRequest(trx, request, made.id));
  if (first !== null) return unchanged(first);
  if (record === null) return unchanged(made);
  await record();
  return changed(made, made.id);
}
