import { keyHolders, type Keys, writeKeysOf } from '@crossdesk/service-kit';

/**
 * The Kubernetes secrets with the keys of every process, as JSON that `kubectl apply --filename -` takes: one secret for
 * each process, so that a pod can be given only its own.
 */
export function kubernetesSecrets(keys: Keys, prefix: string): string {
  const items = keyHolders
    .filter((name) => name !== 'demo')
    .map((name) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${prefix}${name}` },
      type: 'Opaque',
      stringData: { keys: writeKeysOf(name, keys) },
    }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2);
}
