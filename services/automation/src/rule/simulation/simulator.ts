import { setImmediate } from 'node:timers/promises';
import { type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { claimJobs, giveBack, nextDueInMs } from '../../job/due-rows.store.ts';
import { type CompiledSet, compile } from '../compiled-set.domain.ts';
import { readRuleSet } from '../rule-set.store.ts';
import { textsOf } from '../../message/message-text.store.ts';
import { asksOtherWords, createReplay, type Replay } from './replay.domain.ts';
import { actedBefore, type PastRow, readActs, readPast, saveProgress, type SimulationRow } from './simulation.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'log'>;

const pollMs = 60_000;
const triesMax = 3;
const pageRows = 2_000;
/** Other work gets its turn after so many events. */
const turnRows = 100;
const progressMs = 2_000;

/** Makes the simulations that people ask for, one at a time. */
export function startSimulator(deps: Deps): DueWork {
  const { db, clock, log } = deps;
  return startDueWork<SimulationRow>({
    name: 'simulations',
    pollMs,
    concurrencyMax: 1,
    claim: (limit) => db.asWorker((trx) => claimJobs<SimulationRow>(trx, 'simulation', limit, clock.now())),
    nextDueInMs: () => db.asWorker((trx) => nextDueInMs(trx, 'simulation', clock.now())),
    work: (row, stop) => simulate(deps, row, stop),
    log,
  });
}

/** Replays the events of a simulation. A worker that dies or stops leaves it to the next one, which begins again. */
async function simulate({ db, clock }: Deps, row: SimulationRow, stop: AbortSignal): Promise<void> {
  if (row.tries > triesMax) {
    const failed = { state: 'failed', events: row.events, result: null, finished_at: clock.now() } as const;
    await db.asWorker((trx) => saveProgress(trx, row, failed, clock.now()));
    return;
  }
  const past = readAll(db, row);
  const { replay, step } = past;
  await past.countActs();
  let savedAt = clock.now().getTime();
  let events = 0;
  for (let page = await past.next(); page.length > 0; page = await past.next()) {
    for (const [n, event] of page.entries()) {
      step(event);
      if (n % turnRows === 0) await setImmediate();
    }
    events += page.length;
    const now = clock.now();
    if (stop.aborted) return db.asWorker((trx) => giveBack(trx, 'simulation', row, now));
    if (now.getTime() - savedAt < progressMs) continue;
    savedAt = now.getTime();
    const progress = { state: 'running', events, result: null, finished_at: null } as const;
    if (!(await db.asWorker((trx) => saveProgress(trx, row, progress, now)))) return;
  }
  const done = { state: 'done', events, result: replay.result(), finished_at: clock.now() } as const;
  await db.asWorker((trx) => saveProgress(trx, row, done, clock.now()));
}

/** The events of a simulation in pages, with the rule sets of then and what the rules had done before. */
function readAll(db: Deps['db'], row: SimulationRow) {
  let acted: ReadonlySet<string> = new Set();
  let texts: ReadonlyMap<string, string> = new Map();
  const sets = new Map<number, CompiledSet>();
  const simulated = compile({ number: 0, rules: row.rules });
  const replay: Replay = createReplay({
    tenantId: row.tenant_id,
    set: simulated,
    from: row.from_at,
    hasActed: (ruleId, correlationId) => acted.has(`${ruleId} ${correlationId}`),
  });

  /** The next page is read while this one is replayed; a failure shows when it is asked for. */
  function readAfter(seq: string): Promise<PastRow[]> {
    const rows = db.asWorker((trx) => readPast(trx, row, seq, pageRows));
    rows.catch(() => undefined);
    return rows;
  }
  let upcoming = readAfter('0');

  async function readSets(numbers: Iterable<number>): Promise<void> {
    const wanted = new Set(numbers);
    for (const number of sets.keys()) if (!wanted.has(number)) sets.delete(number);
    for (const number of wanted)
      if (!sets.has(number))
        sets.set(number, compile(await db.asWorker((trx) => readRuleSet(trx, row.tenant_id, number))));
  }

  /** The words of messages, if the rules look for others than those of then. */
  async function readTexts(page: readonly PastRow[]): Promise<ReadonlyMap<string, string>> {
    const asked = page.filter(({ rule_set }) => {
      const set = sets.get(rule_set);
      return set !== undefined && asksOtherWords(simulated, set);
    });
    const ids = asked.flatMap(({ message_id }) => message_id ?? []);
    return ids.length === 0 ? new Map() : db.asWorker((trx) => textsOf(trx, row.tenant_id, ids));
  }

  return {
    replay,
    async next(): Promise<PastRow[]> {
      const page = await upcoming;
      const last = page.length < pageRows ? undefined : page.at(-1);
      upcoming = last === undefined ? Promise.resolve([]) : readAfter(last.seq);
      acted = await db.asWorker((trx) => actedBefore(trx, row, page));
      await readSets(page.map(({ rule_set }) => rule_set));
      texts = await readTexts(page);
      return page;
    },
    step(event: PastRow): void {
      const set = sets.get(event.rule_set);
      if (set !== undefined) replay.step(event, set, texts.get(event.message_id ?? '') ?? null);
    },
    /** What the rules did before counts for their limits. */
    async countActs(): Promise<void> {
      for (const rule of row.rules) {
        if (rule.limits.length === 0) continue;
        let page = await db.asWorker((trx) => readActs(trx, row, rule, null));
        while (page.length > 0) {
          for (const { conversation_id, buyer_id, correlation_id, acted_at } of page) {
            const subject = { conversationId: conversation_id, buyerId: buyer_id, correlationId: correlation_id };
            replay.ledger.count(rule, { tenantId: row.tenant_id, ...subject }, acted_at);
          }
          const last = page.at(-1) ?? null;
          page = await db.asWorker((trx) => readActs(trx, row, rule, last));
        }
      }
    },
  };
}
