import { execFileSync } from 'node:child_process';
import { root } from '../repository.ts';

const project = process.env['COMPOSE_PROJECT_NAME'] ?? 'crossdesk';

function docker(...args: string[]): string {
  return execFileSync('docker', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

/** The checked parts of a container, named as in `docker inspect`. */
export interface Container {
  readonly Id: string;
  readonly RestartCount: number;
  readonly State: { readonly Running: boolean; readonly Pid: number; readonly Health?: { readonly Status: string } };
  readonly Config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly Privileged: boolean;
    readonly CapDrop: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly PidsLimit: number | null;
  };
}

/** Every container of the project, by service. */
export function containers(): ReadonlyMap<string, Container> {
  const ids = docker('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${project}`).split('\n');
  const found = JSON.parse(docker('inspect', ...ids)) as Container[];
  return new Map(found.map((container) => [serviceOf(container), container]));
}

function serviceOf({ Config }: Container): string {
  return Config.Labels['com.docker.compose.service'] ?? '';
}

export function containerOf(service: string): Container {
  const found = containers().get(service);
  if (found === undefined) throw new Error(`no container of ${service}`);
  return found;
}

/** Runs a program in the container of a service and returns its output. @throws Error when it fails */
export function run(service: string, ...command: string[]): string {
  return docker('exec', containerOf(service).Id, ...command);
}

export function logOf(service: string): string {
  return docker('logs', containerOf(service).Id);
}

/** The address of this machine in the network of the services that may call out. */
export function hostAddress(): string {
  return docker('network', 'inspect', `${project}_outside`, '--format', '{{(index .IPAM.Config 0).Gateway}}');
}

/**
 * Kills the process directly, as the kernel does when memory runs out: after `docker kill` the engine would not restart
 * it.
 */
export function killHard(service: string): void {
  process.kill(containerOf(service).State.Pid, 'SIGKILL');
}
