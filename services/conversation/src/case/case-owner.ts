import type { AgentId, TeamId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { teamsByIds } from '../team/team.store.ts';
import type { Case } from './case.domain.ts';
import { chooseOwner, chooseSuccessor } from './owner.domain.ts';
import { candidatesFor, mayOwn } from './owner.store.ts';

type Trx = Transaction<DB>;
type Place = Pick<Case, 'tenantId' | 'accountId'>;

/** Who is to have a case: a person, a team of which somebody is chosen, or a person who has it for a team. */
export interface WishedOwner {
  readonly ownerId: AgentId | null;
  readonly teamId: TeamId | null;
}

export type Owned = Pick<Case, 'ownerId' | 'teamId'>;

/** The owner that a case gets. Without one it is refused: a case never has nobody. */
export async function decideOwner(
  trx: Trx,
  place: Place,
  { ownerId, teamId }: WishedOwner,
): Promise<Decision<Owned, 'INVALID_INPUT' | 'NOT_FOUND'>> {
  if (ownerId === null && teamId === null)
    return refuse(
      'INVALID_INPUT',
      'ownerId',
      'A case always has an owner: give ownerId, or teamId to let one be chosen.',
    );
  if (teamId !== null) {
    const team = (await teamsByIds(trx, place.tenantId, [teamId])).get(teamId);
    if (team === undefined || team.isArchived)
      return refuse('NOT_FOUND', 'teamId', 'There is no team with this id: take one from teams.');
  }
  const chosen = ownerId ?? chooseOwner(await candidatesFor(trx, { ...place, teamId }));
  if (chosen === null)
    return refuse(
      'INVALID_INPUT',
      'teamId',
      'Nobody of this team works here and may see the store: add somebody to the team, or give ownerId.',
    );
  if (await mayOwn(trx, place, chosen)) return accept({ ownerId: chosen, teamId });
  return refuse(
    'NOT_FOUND',
    'ownerId',
    'There is no person with this id who works here and may see the store of the case: take one from agents.',
  );
}

/** Who gets a case whose owner has left; null: nobody who works here may see its store. */
export async function findSuccessor(
  trx: Trx,
  place: Place & Pick<Case, 'teamId'>,
  leaver: AgentId,
): Promise<AgentId | null> {
  const candidates = await candidatesFor(trx, place);
  const chosen = chooseSuccessor(candidates.filter(({ agentId }) => agentId !== leaver));
  return chosen !== null && (await mayOwn(trx, place, chosen)) ? chosen : null;
}
