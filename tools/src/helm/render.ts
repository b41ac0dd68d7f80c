import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from '../repository.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

export const chart = join(root, 'infra/helm/crossdesk');
/** The kinds that `kubernetes-models` describes; Helm cannot ask a cluster. */
const kubernetesVersion = '1.34.0';

/** The Helm program from the path, or from the cache that infra/helm/get-helm.sh fills; null if there is none. */
export function findHelm(): string | null {
  const candidates = ['helm', join(root, 'node_modules/.cache/helm/helm')];
  return candidates.find((program) => spawnSync(program, ['version']).status === 0) ?? null;
}

export function lint(helm: string): string {
  const { status, stdout, stderr } = spawnSync(helm, ['lint', '--strict', chart], { encoding: 'utf8' });
  return status === 0 ? '' : stdout + stderr;
}

/** The manifests that Helm renders from the chart with these settings. @throws with Helm's error */
export function render(helm: string, settings: Readonly<Record<string, string>> = {}): Manifest[] {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const args = ['template', 'shop', chart, '--kube-version', kubernetesVersion, ...flags];
  const { status, stdout, stderr } = spawnSync(helm, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).flatMap((document) => {
    const value: unknown = document.toJS();
    return value === null ? [] : [value as Manifest];
  });
}

const packages: Readonly<Record<string, string>> = {
  'keda.sh/v1alpha1': '@kubernetes-models/keda/',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/',
};

/**
 * Compiles manifests against the types of the Kubernetes API, which reports wrong types, missing fields and unknown
 * fields. Returns the compiler's output; empty if there are no errors.
 */
export function typeErrors(manifests: readonly Manifest[]): string {
  const folder = join(root, 'tools/node_modules/.cache', `manifests-${crypto.randomUUID()}`);
  mkdirSync(folder, { recursive: true });
  try {
    const file = join(folder, 'manifests.ts');
    writeFileSync(file, manifests.map(constantOf).join('\n'));
    const flags = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2024',
      '--module',
      'nodenext',
      '--types',
      '',
    ];
    const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...flags, file], {
      encoding: 'utf8',
      cwd: folder,
    });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function constantOf(manifest: Manifest, at: number): string {
  const { apiVersion, kind } = manifest;
  const from = `${packages[apiVersion] ?? 'kubernetes-models/'}${apiVersion}/${kind}`;
  const name = `I${kind}`;
  return `import type { ${name} as T${at} } from '${from}';\nexport const m${at}: T${at} = ${JSON.stringify(manifest)};`;
}
