import { type describeProcesses, readyUrlAt } from '@crossdesk/cluster';
import { freePorts } from '@crossdesk/local-machine';
import { type Proxy, startProxy } from './proxy.ts';

type Described = Awaited<ReturnType<typeof describeProcesses>>;
type Description = Described['gateway'];

/** The host name of a process, which is its name in its groups, as for a pod. */
export const hostNameVariable = 'RELIABILITY_HOST_NAME';

/** Members on one machine would all have the same host name; the preload gives each its own. */
const preload = `
  import os from 'node:os';
  import { syncBuiltinESMExports } from 'node:module';
  os.hostname = () => process.env.${hostNameVariable};
  syncBuiltinESMExports();`;
const withHostName = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` };

/**
 * Describes each service so many times, each process with its own port and member name. Callers connect to the door of a
 * service, which passes connections to the members in turn, as a service in Kubernetes does.
 */
export async function multiply(
  { services, gateway }: Described,
  members: number,
): Promise<Pick<Described, 'services' | 'gateway'> & { readonly doors: readonly Proxy[] }> {
  const multiplied = await Promise.all(
    services.map(async (service) => {
      const ports = await freePorts(members);
      const healthPorts = await freePorts(members);
      let turn = 0;
      const door = await startProxy(() => ports[turn++ % members] ?? 0, service.port);
      const processes = ports.map((port, index) => memberOf(service, index + 1, port, healthPorts[index] ?? 0));
      return { door, processes };
    }),
  );
  return {
    services: multiplied.flatMap(({ processes }) => processes),
    gateway,
    doors: multiplied.map(({ door }) => door),
  };
}

function memberOf(service: Description, number: number, port: number, healthPort: number): Description {
  const { name, main, environment, readyUrl } = service;
  const member = {
    ...withHostName,
    [hostNameVariable]: `${name}-${number}`,
    [name === 'ingest' ? 'INGEST_PORT' : 'HTTP_PORT']: String(port),
    HEALTH_PORT: String(healthPort),
  };
  return {
    name: `${name} ${number}`,
    main,
    environment: { ...environment, ...member },
    port,
    readyUrl: readyUrlAt(new URL(readyUrl).hostname, healthPort),
  };
}
