import { conversationStates } from './field.domain.ts';
import type { ActionType, RuleVersion } from './rule.domain.ts';
import { impossible } from './axioms.domain.ts';
import { type Box, everything, intersectAll, subtract } from './box.domain.ts';
import type { Space } from './space.domain.ts';
import { type Witness, witnessOf } from './witness.domain.ts';

/** Where a conversation is: what actions change, and what makes rules look again. */
interface Place {
  readonly state: string;
  /** Null: nobody; another agent than those of the rules is a name of its own. */
  readonly assignee: string | null;
}

interface Loop {
  readonly rule: RuleVersion;
  readonly others: readonly RuleVersion[];
  readonly witness: Witness | null;
}

/** Some worlds, and what the rules have done to a conversation in them so far. */
interface Piece {
  readonly boxes: readonly Box[];
  readonly place: Place;
  readonly taken: ReadonlySet<ActionType>;
  readonly rules: readonly RuleVersion[];
  readonly isStopped: boolean;
}

const stepsMax = 6;

/**
 * Finds rules that make each other look for ever: each changes the state or the assignee, and so brings the conversation back
 * to where it was. Everything else stays as it is meanwhile.
 */
export function findLoops(rules: readonly RuleVersion[], space: Space): Loop[] {
  const looking = rules.filter(
    (rule) => rule.trigger === 'conversation' && rule.mode === 'auto' && changing(rule).length > 0,
  );
  if (looking.length === 0) return [];
  const never = impossible(space, 'conversation');
  const loops = new Map<string, Loop>();
  for (const place of placesOf(looking)) {
    const start = { boxes: [everything], place, path: [] };
    follow(start, { looking, space, never, loops });
  }
  return [...loops.values()];
}

function changing({ actions }: RuleVersion) {
  return actions.filter(({ type }) => type === 'state' || type === 'assign');
}

function placesOf(rules: readonly RuleVersion[]): Place[] {
  const agents = rules.flatMap((rule) => rule.actions.flatMap(({ type, value }) => (type === 'assign' ? [value] : [])));
  return conversationStates.flatMap((state) =>
    [null, 'somebody else', ...new Set(agents)].map((assignee) => ({ state, assignee })),
  );
}

interface Step {
  readonly place: Place;
  readonly rules: readonly RuleVersion[];
}

interface Search {
  readonly looking: readonly RuleVersion[];
  readonly space: Space;
  readonly never: readonly Box[];
  readonly loops: Map<string, Loop>;
}

function follow(
  { boxes, place, path }: { readonly boxes: readonly Box[]; readonly place: Place; readonly path: readonly Step[] },
  search: Search,
): void {
  if (path.length > stepsMax) return;
  for (const piece of outcomes(boxes, place, search)) {
    if (piece.rules.length === 0 || isSame(piece.place, place)) continue;
    const steps = [...path, { place, rules: piece.rules }];
    const from = steps.findIndex((step) => isSame(step.place, piece.place));
    if (from === -1) follow({ boxes: piece.boxes, place: piece.place, path: steps }, search);
    else note(steps.slice(from), piece, search);
  }
}

function isSame(one: Place, other: Place): boolean {
  return one.state === other.state && one.assignee === other.assignee;
}

function note(steps: readonly Step[], { boxes }: Piece, { loops, space }: Search): void {
  const rules = [...new Set(steps.flatMap((step) => step.rules))].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const key = rules.map(({ id }) => id).join(' ');
  const [rule, ...others] = rules;
  if (rule !== undefined && !loops.has(key))
    loops.set(key, { rule, others, witness: witnessOf(boxes[0] ?? null, space, rule) });
}

/** What the rules do to a conversation at a place, for all worlds of the boxes. */
function outcomes(boxes: readonly Box[], place: Place, { looking, space, never }: Search): Piece[] {
  const here = at(place, space);
  const possible = subtract(intersectAll(boxes, [here]), never, space.full);
  let pieces: Piece[] = [{ boxes: possible, place, taken: new Set(), rules: [], isStopped: false }];
  for (const rule of looking) pieces = pieces.flatMap((piece) => apply(rule, piece, space));
  // What follows happens at another place: only the rest of the world stays.
  return pieces.map((piece) => ({ ...piece, boxes: piece.boxes.map(elsewhere) }));
}

function apply(rule: RuleVersion, piece: Piece, space: Space): Piece[] {
  if (piece.isStopped) return [piece];
  const matching = space.matching(rule);
  const hit = intersectAll(piece.boxes, matching);
  const actions = changing(rule).filter(({ type }) => !piece.taken.has(type));
  if (hit.length === 0 || (actions.length === 0 && rule.actions.length === changing(rule).length)) return [piece];
  const missed = subtract(piece.boxes, matching, space.full);
  const state = actions.find(({ type }) => type === 'state')?.value ?? piece.place.state;
  const assignee = actions.find(({ type }) => type === 'assign')?.value ?? piece.place.assignee;
  const next: Piece = {
    boxes: hit,
    place: { state, assignee },
    taken: new Set([...piece.taken, ...actions.map(({ type }) => type)]),
    rules: [...piece.rules, rule],
    isStopped: rule.stops,
  };
  return missed.length === 0 ? [next] : [{ ...piece, boxes: missed }, next];
}

const [stateField, assignedField] = ['conversation.state', 'conversation.isAssigned'];

function at({ state, assignee }: Place, { atoms, dimensions }: Space): Box {
  const box = new Map<string, bigint>();
  if (dimensions.has(stateField))
    box.set(
      stateField,
      atoms(stateField, (value) => value === state),
    );
  if (dimensions.has(assignedField))
    box.set(
      assignedField,
      atoms(assignedField, (value) => value === (assignee !== null)),
    );
  return box;
}

function elsewhere(box: Box): Box {
  return new Map([...box].filter(([dimension]) => dimension !== stateField && dimension !== assignedField));
}
