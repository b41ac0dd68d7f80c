import { demoVariables } from '@crossdesk/demo';
import { gatewayVariables } from '@crossdesk/gateway';
import { ingestVariables } from '@crossdesk/ingest';
import { processVariables, serviceVariables } from '@crossdesk/service-kit';
import { clusterVariables, machineVariables } from '@crossdesk/standalone';

export type Environment = Readonly<Record<string, string | undefined>>;

const ofAll = { ...processVariables, OUTBOX_KEPT_MONTHS: serviceVariables.OUTBOX_KEPT_MONTHS };
const ofSome = new Map<string, object>([
  ['gateway', gatewayVariables],
  ['ingest', ingestVariables],
  ['demo', demoVariables],
]);
const ours = Object.keys({ ...machineVariables, ...clusterVariables });

/**
 * The environment of one process: the given Crossdesk variables that this process reads, the variables that the
 * installation decides (they win), and all other given variables unchanged.
 */
export function environmentOf(process: string, given: Environment, decided: Environment): Environment {
  const read = new Set(Object.keys({ ...ofAll, ...ofSome.get(process) }));
  const left = ours.filter((name) => !read.has(name) || name in decided);
  const dropped = new Set(left.flatMap((name) => [name, `${name}_FILE`]));
  return { ...Object.fromEntries(Object.entries(given).filter(([name]) => !dropped.has(name))), ...decided };
}
