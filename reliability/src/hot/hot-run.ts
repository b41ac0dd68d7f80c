import type { Beside, History } from '../history.ts';
import { say } from '../load/shuffled.ts';
import { run, type RunReport, type RunSpec } from '../run.ts';
import { comeToRest } from '../system/quiet.ts';
import type { System } from '../system/system.ts';
import { gatherCrowd, type Tenant } from './crowd.ts';
import { paced } from './paced.ts';
import { type Watch, watch } from './watch.ts';

/** A hundred times this does not use up two processors: the run asks who waits for whom, not how much the machine can do. */
const quietPerSecond = 1;
const timesHotter = 100;
const phaseMs = 45_000;
/** Enough to fill caches, prepare plans and compile hot code. */
const warmUpMs = 10_000;
/** Several, so that a p99 is not the one slowest message. */
const quietTenants = 4;
/** For comparison these share the messages of the hot tenant. */
const evenTenants = 20;
const quietBuyers = 20;
const hotBuyers = 400;
const restWithinMs = 60_000;
const question = 'When does my parcel arrive?';

/** The name of this fault in the results. */
export const hotTenant = `a tenant with ${timesHotter} times the messages`;

/** A tenant whose inbox somebody looks at. */
type Watched = Tenant & { readonly watch: Watch };

/**
 * How long the webhooks of quiet tenants wait for their acknowledgement, and their people for the message: first alone, then
 * beside many tenants that together have a hundred times the messages, then beside one tenant that has as many. The second
 * shows what the work costs on this machine, whoever causes it.
 */
export function hotRun(spec: Pick<RunSpec, 'seed' | 'server' | 'log' | 'directory'>): Promise<RunReport> {
  return run({
    ...spec,
    name: 'hot tenant',
    repeat: `pnpm reliability hot --log ${spec.log.kind} --seed ${spec.seed}`,
    load: { seed: spec.seed, messagesPerShop: 0, threadsPerShop: 1, replies: 0, poisons: 0, unheardPercent: 0 },
    // The inbox of the hot tenant shows its events one by one, up to a minute late.
    quietWithinMs: 240_000,
    trouble: async (system, history) => {
      const [hot] = system.shops;
      if (hot === undefined) throw new Error('there is no shop');
      const tenants = await watchAll(system, history, await gatherCrowd(system, quietTenants + evenTenants));
      const [quiet, even] = [tenants.slice(0, quietTenants), tenants.slice(quietTenants)];
      const beQuiet = (beside: Beside): Promise<void> =>
        writeInTurn(quiet, quietPerSecond * quietTenants, phaseMs, (tenant, buyer) =>
          writeMeasured(system, history, tenant, `${buyer % quietBuyers}`, beside),
        );
      const beMany = (forMs: number): Promise<void> =>
        writeInTurn(even, quietPerSecond * timesHotter, forMs, (tenant, buyer) =>
          say(system, history, tenant.shop, `${buyer % quietBuyers}`, question),
        );
      const beHot = (forMs: number): Promise<void> =>
        writeInTurn([{ shop: hot }], quietPerSecond * timesHotter, forMs, (tenant, buyer) =>
          say(system, history, tenant.shop, `${buyer % hotBuyers}`, question),
        );
      const rest = (): Promise<unknown> => comeToRest(system, restWithinMs);
      await beMany(warmUpMs);
      await beHot(warmUpMs);
      await rest();
      await beQuiet('nobody');
      await rest();
      await Promise.all([beQuiet('as many of others'), beMany(phaseMs)]);
      await rest();
      history.add({ op: 'fault', kind: hotTenant, detail: '' });
      await Promise.all([beQuiet('the hot one'), beHot(phaseMs)]);
      await rest();
      await Promise.all(tenants.map((one) => one.watch.stop()));
      return [];
    },
  });
}

async function watchAll(system: System, history: History, tenants: readonly Tenant[]): Promise<readonly Watched[]> {
  return Promise.all(tenants.map(async (one) => ({ ...one, watch: await watch(system, history, one) })));
}

/** Writes so many messages a second in total, for one tenant after another. */
function writeInTurn<One>(
  tenants: readonly One[],
  perSecond: number,
  forMs: number,
  once: (tenant: One, n: number) => void,
): Promise<void> {
  return paced(perSecond, forMs, (n) => {
    const tenant = tenants[n % tenants.length];
    if (tenant !== undefined) once(tenant, Math.floor(n / tenants.length));
  });
}

function writeMeasured(system: System, history: History, tenant: Watched, buyer: string, beside: Beside): void {
  const saidAt = performance.now();
  const note = (what: 'acknowledged' | 'shown'): void =>
    history.add({ op: 'pace', what, beside, tookMs: performance.now() - saidAt });
  const id = say(system, history, tenant.shop, buyer, question, { onAcknowledged: () => note('acknowledged') });
  tenant.watch.once(id, () => note('shown'));
}
