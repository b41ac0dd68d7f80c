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
 * The environment of one process: of the variables that whoever starts the cluster has set those that it reads, what
 * follows from the installation, and whatever is not Crossdesk's, as it is.
 */
export function environmentOf(process: string, given: Environment, decided: Environment): Environment {
  const read = new Set(Object.keys({ ...ofAll, ...ofSome.get(process) }));
  const left = ours.filter((name) => !read.has(name) || name in decided);
  const dropped = new Set(left.flatMap((name) => [name, `${name}_FILE`]));
  return { ...Object.fromEntries(Object.entries(given).filter(([name]) => !dropped.has(name))), ...decided };
}
