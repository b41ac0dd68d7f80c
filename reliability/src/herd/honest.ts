import type { Workspace } from '@crossdesk/standalone/support/workspace.ts';
import { setTimeout as pause } from 'node:timers/promises';

const askEveryMs = 250;
const query = `{ conversations(first: 20) { edges { node { id } } } }`;

export interface Honest {
  /** Returns how the queries that were asked since then were answered. */
  stop(since: number): Promise<{ readonly asked: number; readonly unanswered: number; readonly slowestMs: number }>;
}

/** People who ask for the list of conversations again and again. */
export function askHonestly(workspaces: readonly Workspace[]): Honest {
  const asked: { readonly at: number; readonly tookMs: number; readonly isAnswered: boolean }[] = [];
  let isOver = false;
  const ask = async ({ agent }: Workspace): Promise<void> => {
    while (!isOver) {
      const at = performance.now();
      const isAnswered = await agent.ask(query).then(
        () => true,
        () => false,
      );
      asked.push({ at, tookMs: performance.now() - at, isAnswered });
      await pause(askEveryMs);
    }
  };
  const asking = Promise.all(workspaces.map(ask));
  return {
    stop: async (since) => {
      isOver = true;
      await asking;
      const counted = asked.filter(({ at }) => at >= since);
      return {
        asked: counted.length,
        unanswered: counted.filter(({ isAnswered }) => !isAnswered).length,
        slowestMs: Math.max(0, ...counted.map(({ tookMs }) => tookMs)),
      };
    },
  };
}
