import type { ChannelAccountId, TeamId } from '@crossdesk/contracts';
import type { Skill } from '../duty/skill.domain.ts';
import type { Conversation, ConversationPriority, EnquiryType } from '../conversation/conversation.domain.ts';
import { type CustomerMarks, type CustomerWish, marksAsked, meetsWish } from '../customer-mark/customer-mark.domain.ts';

/** A skill that is asked for; after a time of waiting it no longer is, unless the time is null. */
export interface WantedSkill extends Skill {
  readonly relaxAfterS: number | null;
}

/** Who gets which conversations. All given conditions must hold; null restricts nothing. */
export interface RoutingRule extends CustomerWish {
  readonly name: string;
  readonly channels: readonly string[] | null;
  readonly accountIds: readonly ChannelAccountId[] | null;
  readonly languages: readonly string[] | null;
  readonly enquiryTypes: readonly EnquiryType[] | null;
  readonly priorities: readonly ConversationPriority[] | null;
  /** The first team with anybody on duty who may see the store. */
  readonly teamIds: readonly TeamId[];
  /** The least level of the language of the buyer; null: any. */
  readonly buyerLanguageLevel: number | null;
  readonly buyerLanguageRelaxAfterS: number | null;
  readonly skills: readonly WantedSkill[];
}

export interface Routing {
  readonly isOn: boolean;
  readonly rules: readonly RoutingRule[];
  readonly botWaitS: number;
  readonly openWithinS: number;
  readonly stickyDays: number;
  /** How much of their capacity whoever wrote to the buyer last may have, in percent: from 100 to 200. */
  readonly stickyCapacityPercent: number;
  readonly version: number;
}

/** Before the first setting: nothing is routed. */
export const noRouting: Routing = {
  isOn: false,
  rules: [],
  botWaitS: 15,
  openWithinS: 180,
  stickyDays: 14,
  stickyCapacityPercent: 100,
  version: 0,
};

type RoutedFacts = Pick<Conversation, 'channel' | 'accountId' | 'language' | 'enquiry' | 'priority' | 'teamId'> & {
  readonly marks: CustomerMarks;
  /** By which rule the queue chose the team that it has now; null if the queue did not choose it. */
  readonly chosenBy: { readonly rule: string | null } | null;
};

/** What a role includes; null: all stores. */
export type Stores = readonly ChannelAccountId[] | null;

export function seesStore(stores: Stores, accountId: ChannelAccountId): boolean {
  return stores?.includes(accountId) ?? true;
}

export interface Teams {
  /** Those that exist, in the order of their names. */
  readonly present: readonly TeamId[];
  /** Those with anybody on duty, and the stores that these people may see. */
  readonly onDuty: ReadonlyMap<TeamId, Stores>;
}

export interface Placement {
  readonly teamId: TeamId;
  readonly rule: string | null;
  /** What the rule asked of the customer, and found; null if it asks nothing. */
  readonly customerMarks: CustomerMarks | null;
  /** The other teams of the chain, in its order: they take it when nobody of its team can. */
  readonly spareTeamIds: readonly TeamId[];
  /** What is needed now. */
  readonly needs: readonly Skill[];
  /** When the next need is dropped. */
  readonly relaxesAt: Date | null;
}

/**
 * Where a conversation waits, and what whoever gets it must be able to do. A team that it belongs to keeps it as long as
 * anybody there is on duty who may see its store; one that the queue chose by a rule keeps it only as long as no other rule
 * comes first. Null: there is no team at all.
 */
export function place(
  facts: RoutedFacts,
  {
    rules,
    teams,
    enteredAt,
    now,
  }: { readonly rules: readonly RoutingRule[]; readonly teams: Teams; readonly enteredAt: Date; readonly now: Date },
): Placement | null {
  const rule = rules.find((one) => holds(one, facts)) ?? null;
  const name = rule?.name ?? null;
  const isChosenAnew = facts.chosenBy !== null && facts.chosenBy.rule !== name;
  const teamId = teamFor(rule, isChosenAnew ? { ...facts, teamId: null } : facts, teams);
  if (teamId === undefined) return null;
  const wanted = rule === null ? [] : wantedBy(rule, facts);
  const droppedAt = ({ relaxAfterS }: WantedSkill) =>
    relaxAfterS === null ? Number.POSITIVE_INFINITY : enteredAt.getTime() + relaxAfterS * 1_000;
  const left = wanted.filter((skill) => droppedAt(skill) > now.getTime());
  const next = Math.min(...left.map(droppedAt));
  return {
    teamId,
    rule: name,
    customerMarks: rule === null ? null : marksAsked(rule, facts.marks),
    spareTeamIds: spareTeams(rule, teamId, teams),
    needs: left.map(({ kind, value, level }) => ({ kind, value, level })),
    relaxesAt: Number.isFinite(next) ? new Date(next) : null,
  };
}

function teamFor(
  rule: RoutingRule | null,
  { teamId, accountId }: RoutedFacts,
  { present, onDuty }: Teams,
): TeamId | undefined {
  const hasSomebody = (id: TeamId) => onDuty.has(id) && seesStore(onDuty.get(id) ?? null, accountId);
  if (teamId !== null && hasSomebody(teamId)) return teamId;
  const chain = (rule?.teamIds ?? []).filter((id) => present.includes(id));
  const own = teamId !== null && present.includes(teamId) ? teamId : undefined;
  return chain.find(hasSomebody) ?? own ?? chain[0] ?? present.find(hasSomebody) ?? present[0];
}

/** A team outside of the chain keeps what somebody gave it. */
function spareTeams(rule: RoutingRule | null, teamId: TeamId, { present }: Teams): TeamId[] {
  const chain = (rule?.teamIds ?? []).filter((id) => present.includes(id));
  return chain.includes(teamId) ? chain.filter((id) => id !== teamId) : [];
}

export function holds(
  rule: RoutingRule,
  { channel, accountId, language, enquiry, priority, marks }: RoutedFacts,
): boolean {
  return (
    (rule.channels?.includes(channel) ?? true) &&
    (rule.accountIds?.includes(accountId) ?? true) &&
    (rule.languages === null || (language !== null && rule.languages.some((one) => isLanguage(one, language)))) &&
    (rule.enquiryTypes === null || (enquiry !== null && rule.enquiryTypes.includes(enquiry.type))) &&
    (rule.priorities?.includes(priority) ?? true) &&
    meetsWish(rule, marks)
  );
}

/** `pt` covers `pt-BR`. */
export function isLanguage(covering: string, language: string): boolean {
  const [wide, narrow] = [covering.toLowerCase(), language.toLowerCase()];
  return narrow === wide || narrow.startsWith(`${wide}-`);
}

function wantedBy(rule: RoutingRule, { language }: RoutedFacts): WantedSkill[] {
  const { buyerLanguageLevel: level, buyerLanguageRelaxAfterS: relaxAfterS } = rule;
  const ofBuyer: WantedSkill[] =
    level === null || language === null
      ? []
      : [{ kind: 'language', value: language.toLowerCase(), level, relaxAfterS }];
  return [...ofBuyer, ...rule.skills];
}
