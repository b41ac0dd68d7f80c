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
  'secret.isChanging': 'true',
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
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
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
    // With the jobs before and after an upgrade.
    expect(pods).toHaveLength(8);
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

  test('secret values come from Kubernetes secrets, and only jobs of the operator may change schemas', () => {
    const manifests = render(program, everything);
    const containers = podsOf(manifests).flatMap(({ spec }) => [...spec.containers, ...(spec.initContainers ?? [])]);
    for (const { env } of containers)
      for (const { name, value } of env)
        if (/SECRET|PASSWORD|KEYS/.test(name)) expect([name, value]).toEqual([name, undefined]);
    const admins = containers.filter(({ env }) => JSON.stringify(env).includes('adminUrl')).map(({ name }) => name);
    expect(admins.toSorted()).toEqual(['migrate', 'reseal']);
  });

  test('each service gets its own keys, and none the master secret', () => {
    for (const name of services) {
      const deployment = ofKind(render(program), 'Deployment').filter((one) => componentOf(one) === name);
      const env = podsOf(deployment).flatMap(({ spec }) => spec.containers.flatMap((container) => container.env));
      expect(env.filter((one) => 'valueFrom' in one)).toEqual([
        { name: 'CROSSDESK_KEYS', valueFrom: { secretKeyRef: { name: `crossdesk-keys-${name}`, key: 'keys' } } },
      ]);
      expect(env.map((one) => one.name)).not.toContain('CROSSDESK_SECRET');
    }
  });

  test('an image can be pinned by its digest', () => {
    const digest = `sha256:${'a1'.repeat(32)}`;
    const images = podsOf(render(program, { 'image.digest': digest })).flatMap(({ spec }) =>
      [...spec.containers, ...(spec.initContainers ?? [])].map(({ image }) => image),
    );
    expect(new Set(images)).toEqual(new Set([`crossdesk@${digest}`]));
    expect(() => render(program, { 'image.digest': 'sha256:latest' })).toThrow(/digest/);
  });

  test('nothing may connect to an open destination: each rule names where, and the internet is for platforms and translation, at port 443', () => {
    interface Rule {
      readonly to?: readonly { readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] } }[];
      readonly ports: readonly { readonly port: number }[];
    }
    const rulesOf = (settings: Readonly<Record<string, string>>) =>
      ofKind(render(program, settings), 'NetworkPolicy').flatMap(({ metadata, spec }) =>
        ((spec['egress'] ?? []) as Rule[]).map((rule) => ({ name: metadata.name, ...rule })),
      );
    const tracing = { 'tracing.endpoint': 'http://collector.observe.svc:4318' };
    const bucket = {
      'ingest.media.s3.endpoint': 'https://s3.example.com',
      'ingest.media.s3.bucket': 'files',
      'ingest.media.s3.secretName': 's3',
    };
    for (const { to = [], ports } of rulesOf({ ...everything, ...tracing, ...bucket }))
      expect([to.length > 0, ports.length > 0]).toEqual([true, true]);
    const open = rulesOf({ ...tracing }).filter(({ to = [] }) =>
      to.some(({ ipBlock }) => ipBlock?.cidr === '0.0.0.0/0'),
    );
    expect(open.map(({ name, ports }) => [name, ports.map(({ port }) => port)])).toEqual([
      ['shop-automation', [443]],
      ['shop-ingest', [443]],
    ]);
    for (const { to } of open) {
      expect(to?.[0]?.ipBlock?.except).toEqual(
        expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16']),
      );
    }
    const database = ofKind(render(program), 'NetworkPolicy').find(({ metadata }) => metadata.name === 'shop-database');
    expect(database?.spec['podSelector']).toMatchObject({
      matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'NotIn', values: ['gateway'] }],
    });
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
