import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { programs, readersOf, variablesOf } from '../containers/variables.ts';
import { root } from '../repository.ts';
import { chart, findHelm, lint, type Manifest, render, typeErrors } from './render.ts';

interface Values {
  readonly subgraphs: Readonly<Record<string, unknown>>;
  readonly consumers: Readonly<Record<string, { readonly group: string; readonly topics: readonly string[] }>>;
}

const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Values;
const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as object;
const templates = globSync('templates/*', { cwd: chart }).map((path) => readFileSync(join(chart, path), 'utf8'));
const services = readdirSync(join(root, 'services'));

test('the values fit their schema, and a misspelt or missing one does not', () => {
  const isValid = new Ajv().compile(schema);
  expect(isValid(values) || isValid.errors).toBe(true);
  const { ingest: _, ...missing } = values as Values & { ingest: unknown };
  expect(isValid(missing)).toBe(false);
  expect(isValid({ ...values, postgress: {} })).toBe(false);
  expect(isValid({ ...values, postgres: { url: 'postgres://crossdesk:secret@db:5432/crossdesk', port: 5432 } })).toBe(
    false,
  );
});

test('every variable that a service or the setup reads is set by a template, and no other', async () => {
  const known = new Set<string>();
  for (const program of programs().filter((path) => path.startsWith('services/') || path === 'apps/setup')) {
    for (const [name, reader] of await readersOf(program)) {
      // In Kubernetes people create the secrets and the users of integrators themselves.
      if (name === 'readSecretsConfig' || name === 'readIntegratorConfig') continue;
      for (const variable of variablesOf(reader)) known.add(variable);
    }
  }
  const set = new Set(
    templates.flatMap((text) => [...text.matchAll(/name: ([A-Z][A-Z0-9_]+)\b/g)].map(([, name]) => name ?? '')),
  );
  expect(known.size).toBeGreaterThan(25);
  expect(set).toEqual(known);
});

test('every service of the repository is in the chart', () => {
  expect(['gateway', 'ingest', ...Object.keys(values.subgraphs)].toSorted()).toEqual(services.toSorted());
});

const helm = findHelm();
const reason = helm === null ? ' (skipped: no Helm; infra/helm/get-helm.sh builds it where Go is)' : '';
const everything = {
  'keda.enabled': 'true',
  'keda.authenticationRef': 'kafka',
  'ingress.enabled': 'true',
  'ingress.tlsSecretName': 'certificate',
  'serviceMonitor.enabled': 'true',
  'kafka.ssl': 'true',
  'kafka.topicPrefix': 'shop.',
  'kafka.sasl.mechanism': 'scram-sha-512',
  'kafka.sasl.username': 'crossdesk',
  'kafka.sasl.secretName': 'kafka',
  'gateway.oidc.issuer': 'https://id.example.com',
  'gateway.oidc.audience': 'crossdesk',
  'gateway.oidc.jwksUrl': 'https://id.example.com/keys',
};

const ofKind = (manifests: readonly Manifest[], kind: string) => manifests.filter((one) => one.kind === kind);
const componentOf = ({ metadata }: Manifest) => metadata.labels?.['app.kubernetes.io/component'];

interface Container {
  readonly name: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}
interface PodTemplate {
  readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
}

function podsOf(manifests: readonly Manifest[]): PodTemplate[] {
  return manifests.flatMap(({ spec }) => ('template' in spec ? [spec['template'] as PodTemplate] : []));
}

(helm === null ? describe.skip : describe)(`rendered${reason}`, () => {
  const program = helm ?? '';

  test('the chart passes the linter, and refuses wrong values', () => {
    expect(lint(program)).toBe('');
    expect(() => render(program, { 'kafka.sasl.mechanism': 'plain' })).toThrow('kafka.sasl.secretName is empty');
    expect(() => render(program, { 'ingest.publicWebhookUrl': '' })).toThrow(/publicWebhookUrl/);
    expect(() => render(program, { 'gateway.replica': '3' })).toThrow(/replica/);
  });

  test.each([
    ['with defaults', {}],
    ['with everything', everything],
    ['without policies', { 'networkPolicy.enabled': 'false' }],
  ])(
    '%s it matches the types of the Kubernetes API',
    (_, settings) => {
      const manifests = render(program, settings);
      expect(typeErrors(manifests)).toBe('');
    },
    120_000,
  );

  test('a field that the API does not have is found', () => {
    const [deployment] = ofKind(render(program), 'Deployment');
    if (deployment === undefined) throw new Error('no deployment');
    const misspelt = { ...deployment, spec: { ...deployment.spec, replicaz: 2 } };
    expect(typeErrors([misspelt])).toMatch(/replicaz.*does not exist/);
  }, 120_000);

  test('six deployments, each with a service, a disruption budget, probes, limits and no rights', () => {
    const manifests = render(program, everything);
    for (const kind of ['Deployment', 'Service', 'PodDisruptionBudget', 'ScaledObject']) {
      const components = ofKind(manifests, kind).map(componentOf);
      expect(components).toHaveLength(services.length);
      expect(components).toEqual(expect.arrayContaining(services));
    }
    for (const { spec } of podsOf(ofKind(manifests, 'Deployment')))
      for (const container of spec.containers)
        expect(container).toMatchObject({
          startupProbe: {},
          readinessProbe: {},
          livenessProbe: {},
          lifecycle: { preStop: {} },
        });
    const pods = podsOf(manifests);
    expect(pods).toHaveLength(7);
    for (const { spec } of pods) {
      expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])])
        expect(container).toMatchObject({
          resources: { requests: { cpu: '100m' }, limits: { memory: '384Mi' } },
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
        });
    }
  });

  test('secret values come from Kubernetes secrets, and only the migrate job has the rights to change schemas', () => {
    const manifests = render(program, everything);
    const containers = podsOf(manifests).flatMap(({ spec }) => [...spec.containers, ...(spec.initContainers ?? [])]);
    for (const { env } of containers)
      for (const { name, value } of env)
        if (/SECRET|PASSWORD/.test(name)) expect([name, value]).toEqual([name, undefined]);
    const admins = containers.filter(({ env }) => JSON.stringify(env).includes('adminUrl')).map(({ name }) => name);
    expect(admins).toEqual(['migrate']);
  });

  test('only the gateway reaches subgraphs, only the ingress controller reaches gateway and ingest', () => {
    const policies = ofKind(render(program), 'NetworkPolicy');
    const sourcesOf = (name: string) => {
      const policy = policies.find(({ metadata }) => metadata.name === `shop-${name}`);
      const [rule] = (policy?.spec['ingress'] ?? []) as {
        from: {
          podSelector?: { matchLabels: Record<string, string> };
          namespaceSelector?: { matchLabels: Record<string, string> };
        }[];
      }[];
      return (rule?.from ?? []).map(
        ({ podSelector, namespaceSelector }) =>
          podSelector?.matchLabels['app.kubernetes.io/component'] ??
          namespaceSelector?.matchLabels['kubernetes.io/metadata.name'],
      );
    };
    for (const name of Object.keys(values.subgraphs)) expect(sourcesOf(name)).toEqual(['monitoring', 'gateway']);
    expect(sourcesOf('gateway')).toEqual(['monitoring', 'ingress-nginx']);
    expect(sourcesOf('ingest')).toEqual(['monitoring', 'ingress-nginx', 'gateway']);
    const closed = policies.find(({ metadata }) => metadata.name === 'shop-default-deny');
    expect(closed?.spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'crossdesk', 'app.kubernetes.io/instance': 'shop' } },
      policyTypes: ['Ingress', 'Egress'],
    });
  });
});
