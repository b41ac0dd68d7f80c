import type { AgentId, ConversationId, TenantId } from '@crossdesk/contracts';
import { type Clock, monotonicMs } from '@crossdesk/service-kit';

export type PresenceState = 'viewing' | 'typing' | 'replying';

export interface Place {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
}

export interface Present {
  readonly agentId: AgentId;
  readonly state: PresenceState;
  readonly since: Date;
}

/** Who is at which conversation, in the memory of this gateway only. */
export interface Presence {
  /** Whoever came first is first. */
  at(place: Place): readonly Present[];
  set(place: Place, agentId: AgentId, state: PresenceState): void;
  /** The agent views the conversation until the returned function is called. */
  view(place: Place, agentId: AgentId): () => void;
  /** Calls back after each change. Returns a function that stops it. */
  listen(place: Place, onChange: () => void): () => void;
  stop(): void;
}

/** How long a state lasts that nobody repeats. */
const lastsMs = { viewing: 30_000, typing: 10_000, replying: 30_000 } as const satisfies Record<PresenceState, number>;

interface Person {
  readonly openViews: number;
  /** The end of each state, on the monotonic clock; 0 before it began. */
  readonly until: Readonly<Record<PresenceState, number>>;
}

interface Room {
  readonly people: Map<AgentId, Person>;
  readonly listeners: Set<() => void>;
  present: readonly Present[];
  timer: NodeJS.Timeout | null;
}

const nobody: Person = { openViews: 0, until: { viewing: 0, typing: 0, replying: 0 } };

/** What a person does at a moment; the strongest state counts. Null: they are gone. */
function stateOf({ openViews, until }: Person, nowMs: number): PresenceState | null {
  if (until.replying > nowMs) return 'replying';
  if (until.typing > nowMs) return 'typing';
  return openViews > 0 || until.viewing > nowMs ? 'viewing' : null;
}

/** The person after they said what they do: to view is to do nothing else any more. */
function saying(person: Person, state: PresenceState, nowMs: number): Person {
  const until = state === 'viewing' ? nobody.until : person.until;
  return { ...person, until: { ...until, [state]: nowMs + lastsMs[state] } };
}

export function createPresence(clock: Clock): Presence {
  const rooms = new Map<string, Room>();

  function roomAt(place: Place): Room {
    const key = keyOf(place);
    const room = rooms.get(key) ?? { people: new Map(), listeners: new Set(), present: [], timer: null };
    rooms.set(key, room);
    return room;
  }

  function change(place: Place, agentId: AgentId, step: (person: Person) => Person): void {
    const { people } = roomAt(place);
    people.set(agentId, step(people.get(agentId) ?? nobody));
    refresh(place);
  }

  /** Whoever is gone is forgotten, what changed is told, and the next end of a state is waited for. */
  function refresh(place: Place): void {
    const room = roomAt(place);
    const nowMs = monotonicMs();
    const before = room.present;
    const at = clock.now();
    room.present = [...room.people].flatMap(([agentId, person]) => {
      const state = stateOf(person, nowMs);
      if (state === null) return [];
      const known = before.find((one) => one.agentId === agentId && one.state === state);
      return [known ?? { agentId, state, since: at }];
    });
    for (const [agentId, person] of room.people) if (stateOf(person, nowMs) === null) room.people.delete(agentId);
    wait(place, room, nowMs);
    if (!isSame(before, room.present)) for (const onChange of room.listeners) onChange();
  }

  function wait(place: Place, room: Room, nowMs: number): void {
    if (room.timer !== null) clearTimeout(room.timer);
    const ends = [...room.people.values()].flatMap(({ until }) => Object.values(until)).filter((end) => end > nowMs);
    room.timer = ends.length === 0 ? null : setTimeout(() => refresh(place), Math.min(...ends) - nowMs + 1);
    room.timer?.unref();
    if (room.people.size === 0 && room.listeners.size === 0) rooms.delete(keyOf(place));
  }

  return {
    at: (place) => rooms.get(keyOf(place))?.present ?? [],
    set: (place, agentId, state) => change(place, agentId, (person) => saying(person, state, monotonicMs())),
    view(place, agentId) {
      change(place, agentId, (person) => ({ ...person, openViews: person.openViews + 1 }));
      return () => change(place, agentId, (person) => ({ ...person, openViews: Math.max(0, person.openViews - 1) }));
    },
    listen(place, onChange) {
      roomAt(place).listeners.add(onChange);
      return () => {
        roomAt(place).listeners.delete(onChange);
        refresh(place);
      };
    },
    stop() {
      for (const { timer } of rooms.values()) if (timer !== null) clearTimeout(timer);
      rooms.clear();
    },
  };
}

function keyOf({ tenantId, conversationId }: Place): string {
  return `${tenantId}/${conversationId}`;
}

function isSame(one: readonly Present[], other: readonly Present[]): boolean {
  return one.length === other.length && one.every((present, n) => present === other[n]);
}
