import { type ConversationId, parseId, type TenantId } from '@crossdesk/contracts';
import { inputId, signedIn, toEnum } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { conversationFacts } from '../conversation/conversation-facts.store.ts';
import type { DB } from '../db.ts';
import { decisionsByIds } from '../decision/decision.store.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type * as graphql from '../graphql.generated.ts';
import { templatesByIds } from '../template/template.store.ts';
import { returnToBot } from './return-to-bot.commands.ts';
import { type Holder, holderOf, reasons, type ShownHandOver } from './turn.domain.ts';
import { readTurns } from './turn.store.ts';

export const turnResolvers: graphql.Resolvers = {
  Mutation: {
    returnToBot: async (_, { input }, { app: { runtime }, request }) => {
      signedIn(request);
      const conversationId = inputId<ConversationId>(input.conversationId);
      const outcome = await runtime.commands.asked(request, 'returnToBot', (call) => returnToBot(call, conversationId));
      return outcome.ok
        ? { conversation: { id: conversationId }, errors: [] }
        : { conversation: null, errors: [...outcome.errors] };
    },
  },
  Conversation: {
    handledBy: async ({ id }, _, context) => {
      const standing = await standingOf(id, context);
      return standing === null ? null : toEnum(standing.holder);
    },
    handOver: async ({ id }, _, context) => (await standingOf(id, context))?.handOver ?? null,
  },
  HandOver: { reason: ({ reason }) => reason },
  TurnVerdict: {
    decidedAt: (row) => row.decided_at,
    messageIds: (row) => row.message_ids,
    message: ({ code, detail }) => (detail === null ? reasons[code] : `${reasons[code]} ${detail}`),
    intent: ({ intent }) => (intent === null ? null : toEnum(intent)),
    template: ({ template_id: id }, _, { loaders }) => (id === null ? null : loaders.load(templatesByIds, id)),
    decision: ({ decision_id: id }, _, { loaders }) => (id === null ? null : loaders.load(decisionsByIds, id)),
  },
};

function standingOf(text: string, { request, loaders }: Pick<GraphqlContext, 'request' | 'loaders'>) {
  signedIn(request);
  const id = parseId<ConversationId>(text);
  return id === null ? null : loaders.load(standings, id);
}

interface ShownStanding {
  readonly holder: Holder;
  readonly handOver: ShownHandOver | null;
}

/** Who answers in conversations, and why. */
async function standings(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, ShownStanding>> {
  const facts = await conversationFacts(trx, tenantId, ids);
  const turns = await readTurns(trx, tenantId, ids);
  return new Map(
    [...facts].map(([id, known]) => {
      const turn = turns.get(id) ?? null;
      return [
        id,
        { holder: holderOf(known, turn), handOver: turn === null ? null : shownHandOver(turn, known.cycle_version) },
      ];
    }),
  );
}

function shownHandOver(
  turn: NonNullable<ReturnType<Awaited<ReturnType<typeof readTurns>>['get']>>,
  cycle: number,
): ShownHandOver | null {
  const { handed_over_version: version, handed_over_at: at, handed_over_code: reason, promised_by: promisedBy } = turn;
  return version === null || version < cycle || at === null || reason === null ? null : { reason, at, promisedBy };
}
