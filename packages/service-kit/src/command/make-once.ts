import { createHash } from 'node:crypto';
import { claimClientRequest, type EarlierRequest, findClientRequest } from './client-request.store.ts';
import { changed, type CommandCall, type Outcome, unchanged } from './command.port.ts';
import { type Decision, refuse, refuseClientMutationId } from './decision.domain.ts';

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

interface Wish {
  /** The kind of thing to create: the same key may create one of each kind. */
  readonly kind: string;
  readonly clientMutationId: string;
  /** What the client asked for, without secrets: only its digest is stored. */
  readonly content: readonly (string | null)[];
}

const reused = refuse(
  'CLIENT_ID_REUSED',
  'clientMutationId',
  'Another request with this clientMutationId asked for something else: take a new one for each thing.',
);

/**
 * Creates something once per client key: a repeated call gets the thing that the first call created, even if both
 * arrive together; a call with the same key and other content is refused. Take the locks that `decide` needs before, so
 * that a repeated call finds the result of the first instead of being refused because of it.
 */
export async function makeOnce<Tables, Made extends { readonly id: string }, Code extends string>(
  { trx, actor: { tenantId } }: CommandCall<Tables>,
  { kind, clientMutationId, content }: Wish,
  { find, decide }: Steps<Made, Code>,
): Promise<Outcome<Made, Code | 'CLIENT_ID_REUSED' | 'INVALID_INPUT'>> {
  const malformed = refuseClientMutationId(clientMutationId);
  if (malformed !== null) return malformed;
  const contentHash = createHash('sha256').update(JSON.stringify(content)).digest();
  const request = { tenantId, kind, clientMutationId, contentHash };
  const repeat = async (earlier: EarlierRequest | null) => {
    // Only calls of this kind write it, and they write the id of the thing they created.
    const made = earlier === null ? null : await find(earlier.resultId as Made['id']);
    if (earlier === null || made === null) return null;
    return earlier.isSameContent ? unchanged(made) : reused;
  };
  const earlier = await repeat(await findClientRequest(trx, request));
  if (earlier !== null) return earlier;
  const decision = await decide();
  if (!decision.ok) return decision;
  const { made, record } = decision.value;
  const first = await repeat(await claimClientRequest(trx, request, made.id));
  if (first !== null) return first;
  if (record === null) return unchanged(made);
  await record();
  return changed(made, made.id);
}
