import { setTimeout as pause } from 'node:timers/promises';
import type { Variant } from '../stand-ins/stand-in.ts';
import { hostNameVariable } from '../system/members.ts';
import type { Supervised } from '../system/supervised.ts';
import type { System } from '../system/system.ts';
import { sessionMs } from './kafka.strikes.ts';
import type { Strike } from './strike.port.ts';

/** Often enough that groups rebalance while a new member is not ready yet. */
const changesMax = 4;
const changeEveryMs = 2_000;

let pods = 0;

/** Trouble with one of the members that share the partitions of a group. */
export const memberStrikes: Readonly<Record<string, Strike>> = {
  'member killed': async (place) => aMember(place).signal('SIGKILL'),
  'member terminated': async (place) => aMember(place).signal('SIGTERM'),
  // Its partitions go to the other member while it processes a batch, and it does not notice.
  'member stopped beyond its session': async (place) => {
    const member = aMember(place);
    member.signal('SIGSTOP');
    await pause(sessionMs + 500 + place.random(sessionMs));
    member.signal('SIGCONT');
  },
  'member replaced by another': async (place) => replace(aMember(place), place.random(sessionMs)),
  'members come and go': async (place) => {
    for (let n = 1 + place.random(changesMax); n > 0; n -= 1) {
      await replace(aMember(place), place.random(changeEveryMs));
      await pause(changeEveryMs);
    }
  },
};

/** Replaces a member by another one, maybe of another version. As with pods, the new one has a new name. */
export async function replace(member: Supervised, awayMs: number, variant?: Variant): Promise<void> {
  await member.leave();
  await pause(awayMs);
  pods += 1;
  member.join({ [hostNameVariable]: `${member.name.replace(' ', '-')}-pod-${pods}` }, variant);
}

/** The gateway is in no group. */
function aMember({ system: { processes }, random }: { system: System; random: (below: number) => number }): Supervised {
  const members = processes.filter(({ name }) => name !== 'gateway');
  const member = members[random(members.length)];
  if (member === undefined) throw new Error('this system has no members to strike at');
  return member;
}
