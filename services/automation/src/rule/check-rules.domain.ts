import { type Action, type ActionType, type RuleVersion, slotOf, type Trigger, triggers } from './rule.domain.ts';
import { impossible } from './axioms.domain.ts';
import { type Box, findOutside, intersectAll, subtract, TooComplex } from './box.domain.ts';
import { findLoops } from './loops.domain.ts';
import { type Space, spaceOf } from './space.domain.ts';
import { type Witness, witnessOf } from './witness.domain.ts';

export const findingKinds = ['dead', 'shadowed', 'conflict', 'loop', 'slow-loop', 'dangling', 'undecided'] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  readonly kind: FindingKind;
  readonly rule: RuleVersion;
  /** The rules that cause it. */
  readonly others: readonly RuleVersion[];
  /** The action it is about; null for the whole rule. */
  readonly action: Action | null;
  /** A world that shows it; null where all worlds do. */
  readonly witness: Witness | null;
}

const findingsMax = 200;

/**
 * Finds what is wrong with rules as they are written, whatever comes: a rule that is off is not looked at, and only rules that
 * act keep others from acting. `templates`: the templates that can be sent.
 */
export function checkRules(rules: readonly RuleVersion[], templates: ReadonlySet<string>): Finding[] {
  const active = rules.filter(({ mode }) => mode !== 'off');
  const space = spaceOf(active);
  return [
    ...dangling(active, templates),
    ...triggers.flatMap((trigger) =>
      checkTrigger(
        active.filter((rule) => rule.trigger === trigger && !isDelayed(rule)),
        trigger,
        space,
      ),
    ),
    // A rule that looks later looks alone.
    ...active.filter(isDelayed).flatMap((rule) => checkTrigger([rule], rule.trigger, space)),
    ...loopsIn(active, space),
  ].slice(0, findingsMax);
}

function isDelayed({ afterMinutes }: RuleVersion): boolean {
  return afterMinutes !== null;
}

/** Loops that go on at once, and those that wait somewhere. */
function loopsIn(rules: readonly RuleVersion[], space: Space): Finding[] {
  const fast = findLoops(
    rules.filter((rule) => !isDelayed(rule)),
    space,
  );
  const slow = rules.some(isDelayed) ? findLoops(rules, space) : [];
  return [
    ...fast.map((loop): Finding => ({ kind: 'loop', action: null, ...loop })),
    ...slow
      .filter(({ rule, others }) => [rule, ...others].some(isDelayed))
      .map((loop): Finding => ({ kind: 'slow-loop', action: null, ...loop })),
  ];
}

/** A template that cannot be sent, or a workflow: nobody starts one yet. */
function dangling(rules: readonly RuleVersion[], templates: ReadonlySet<string>): Finding[] {
  return rules.flatMap((rule) =>
    rule.actions.flatMap((action): Finding[] =>
      (action.type === 'reply' && !templates.has(action.value)) || action.type === 'workflow'
        ? [{ kind: 'dangling', rule, others: [], action, witness: null }]
        : [],
    ),
  );
}

interface Placed {
  readonly rule: RuleVersion;
  readonly boxes: readonly Box[];
}

/** The rules before one that keep it from acting. */
interface Before {
  /** By slot: who takes it, where. */
  readonly takers: Map<ActionType, Placed[]>;
  /** Where rules stop the later ones. */
  readonly stops: Placed[];
}

function checkTrigger(rules: readonly RuleVersion[], trigger: Trigger, space: Space): Finding[] {
  const never = impossible(space, trigger, rules.some(isDelayed));
  const before: Before = { takers: new Map(), stops: [] };
  const findings: Finding[] = [];
  for (const rule of rules) {
    if (findings.length >= findingsMax) break;
    findings.push(...decided(rule, () => checkRule(rule, { space, never, before })));
  }
  return findings;
}

/** A rule that is too complex for an answer is a finding too. */
function decided(rule: RuleVersion, look: () => Finding[]): Finding[] {
  try {
    return look();
  } catch (problem) {
    if (!(problem instanceof TooComplex)) throw problem;
    return [{ kind: 'undecided', rule, others: [], action: null, witness: null }];
  }
}

interface World {
  readonly space: Space;
  readonly never: readonly Box[];
  readonly before: Before;
}

function checkRule(rule: RuleVersion, world: World): Finding[] {
  const { space, never, before } = world;
  const placed: Placed = { rule, boxes: space.matching(rule) };
  if (findOutside(placed.boxes, never, space.full) === null)
    return [{ kind: 'dead', rule, others: [], action: null, witness: null }];
  const findings = [...shadowed(placed, world), ...conflicts(placed, world)];
  if (rule.mode === 'auto') takePlace(placed, before, space);
  return findings;
}

function takersOf({ takers }: Before, action: Action): Placed[] {
  const slot = slotOf(action);
  return slot === null ? [] : (takers.get(slot) ?? []);
}

/** Earlier rules leave it nothing to do, in any world. */
function shadowed({ rule, boxes }: Placed, { space, never, before }: World): Finding[] {
  const stops = before.stops.flatMap((one) => one.boxes);
  const canAct = rule.actions.some((action) => {
    const taken = takersOf(before, action).flatMap((one) => one.boxes);
    return findOutside(boxes, [...never, ...stops, ...taken], space.full) !== null;
  });
  if (canAct) return [];
  const possible = [...before.stops, ...rule.actions.flatMap((action) => takersOf(before, action))];
  const meeting = possible.filter((one) => findOutside(intersectAll(one.boxes, boxes), never, space.full) !== null);
  const others = [...new Set(meeting.map((one) => one.rule))];
  const witness = witnessOf(findOutside(boxes, never, space.full), space, rule);
  return [{ kind: 'shadowed', rule, others, action: null, witness }];
}

/** An earlier rule decides the same otherwise, in a world where both match. One finding for each action. */
function conflicts({ rule, boxes }: Placed, { space, never, before }: World): Finding[] {
  const stops = before.stops.flatMap((one) => one.boxes);
  return rule.actions.flatMap((action): Finding[] => {
    const earlier: Box[] = [];
    for (const taker of takersOf(before, action)) {
      const both = intersectAll(taker.boxes, boxes);
      const others =
        differs(taker.rule, action) && isOneZone(taker.rule, rule) ? [...never, ...stops, ...earlier] : null;
      const found = others === null ? null : findOutside(both, others, space.full);
      if (found !== null)
        return [{ kind: 'conflict', rule, others: [taker.rule], action, witness: witnessOf(found, space, rule) }];
      earlier.push(...taker.boxes);
    }
    return [];
  });
}

function differs({ actions }: RuleVersion, { type, value }: Action): boolean {
  return actions.some((action) => action.type === type && action.value !== value);
}

/** Whether hours in two zones meet depends on the day of the year. */
function isOneZone(one: RuleVersion, other: RuleVersion): boolean {
  return one.timeZone === other.timeZone || !asksTime(one) || !asksTime(other);
}

function asksTime({ schedule, condition }: RuleVersion): boolean {
  return schedule.length > 0 || JSON.stringify(condition).includes('"field":"time.');
}

/** Enters what a rule that acts keeps from the later ones. A rule with limits may not act: it keeps nothing. */
function takePlace(placed: Placed, before: Before, space: Space): void {
  const { rule, boxes } = placed;
  if (rule.limits.length > 0) return;
  if (rule.stops) before.stops.push({ rule, boxes: actingBoxes(placed, before, space) });
  for (const action of rule.actions) {
    const slot = slotOf(action);
    if (slot !== null) before.takers.set(slot, [...(before.takers.get(slot) ?? []), { rule, boxes }]);
  }
}

/** A rule stops the others only where something is left to do for itself. */
function actingBoxes({ rule, boxes }: Placed, before: Before, { full }: Space): Box[] {
  return rule.actions.flatMap((action) =>
    subtract(
      boxes,
      takersOf(before, action).flatMap((one) => one.boxes),
      full,
    ),
  );
}
