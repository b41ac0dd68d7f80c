import type { Workspace } from '@crossdesk/standalone/support/workspace.ts';
import { insist } from '../system/insist.ts';

const teams = `{ teams { id } }`;
const saveTeam = `mutation($input: SaveTeamInput!) { saveTeam(input: $input) { team { id } errors { code } } }`;
const saveRouting = `mutation($input: SaveRoutingInput!) { saveRouting(input: $input) { routing { version } errors { code } } }`;
const saveSlaPolicy = `mutation($input: SaveSlaPolicyInput!) { saveSlaPolicy(input: $input) { policy { id } errors { code } } }`;
const setCapacity = `mutation($input: SetAgentCapacityInput!) {
  setAgentCapacity(input: $input) { duty { capacity } errors { code } } }`;
const setDuty = `mutation($input: SetDutyInput!) { setDuty(input: $input) { duty { isOnDuty } errors { code } } }`;

/** Few enough that some conversations wait for room. */
const capacity = 6;
/** The least that a service level can have; it warns after one per cent of it, which is less than a second. */
const shortestTarget = { minutes: 1, warnPercent: 1 } as const;

/**
 * A workspace that routes: a team with two people on duty, who do not lose what they do not open, and a service level that
 * warns within the first second. An admin is in no team and off duty. Repeating it changes nothing but who is on duty.
 */
export async function openForWork({ admin, supervisor, agentIds }: Workspace): Promise<void> {
  const members = [agentIds.agent, agentIds.supervisor];
  await insist(async () => {
    const { teams: present } = await supervisor.ask<{ teams: { id: string }[] }>(teams);
    if (present.length === 0) await supervisor.ask(saveTeam, { input: { name: 'Desk', memberIds: members } });
  });
  const routing = { isOn: true, rules: [], botWaitSeconds: 1, openWithinSeconds: 86_400, expectedVersion: 0 };
  await insist(() => admin.ask(saveRouting, { input: routing }));
  const targets = ['FIRST_RESPONSE', 'NEXT_RESPONSE'].map((metric) => ({ metric, minutes: shortestTarget.minutes }));
  const policy = { name: 'At once', warnPercent: shortestTarget.warnPercent, targets };
  await insist(() => supervisor.ask(saveSlaPolicy, { input: policy }));
  for (const agentId of members) {
    await insist(() => supervisor.ask(setCapacity, { input: { agentId, capacity } }));
    await insist(() => supervisor.ask(setDuty, { input: { agentId, isOnDuty: true } }));
  }
}

/** How often somebody goes home in the middle of the work and comes back. */
const absences = 3;

/** A person leaves, so that what they owe goes to others, and comes back. */
export async function comeAndGo({ supervisor, agentIds }: Workspace): Promise<void> {
  for (let n = 0; n < absences; n += 1) {
    for (const isOnDuty of [false, true])
      await insist(() => supervisor.ask(setDuty, { input: { agentId: agentIds.supervisor, isOnDuty } }));
  }
}
