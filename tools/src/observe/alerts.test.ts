import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, parse as parseGraphql, validate } from 'graphql';
import { parse } from 'yaml';
import { root } from '../repository.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const folder = join(root, 'infra/observe/prometheus');
const file = parse(readFileSync(join(folder, 'alerts.yml'), 'utf8')) as {
  groups: { name: string; rules: Rule[] }[];
};
const rules = file.groups.flatMap((group) => group.rules);
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');

test('every alert has a duration, a severity and a summary, and names its runbook section', () => {
  expect(rules.length).toBeGreaterThan(10);
  for (const rule of rules) {
    expect(rule).toEqual({
      alert: expect.stringMatching(/^Crossdesk[A-Z][A-Za-z]+$/),
      expr: expect.stringMatching(/[<>=]/),
      for: expect.stringMatching(/^\d+m$/),
      labels: { severity: expect.stringMatching(/^(critical|warning)$/) },
      annotations: {
        summary: expect.stringMatching(/\S/),
        runbook: `docs/operations.md#${rule.alert.toLowerCase()}`,
      },
    });
  }
});

test('alerts and sections of the runbook are the same, in the same order', () => {
  const sections = [...page.matchAll(/^### (Crossdesk\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(rules.map((rule) => rule.alert));
});

test('every section says what it means, where to look, what to do, and when it is harmless', () => {
  const sections = page.split(/^### /m).filter((section) => section.startsWith('Crossdesk'));
  for (const section of sections) {
    const missing = ['Means', 'Look', 'Do', 'Harmless'].filter((part) => !section.includes(`**${part}**`));
    expect({ section: section.split('\n')[0], missing }).toEqual({ section: expect.any(String), missing: [] });
  }
});

test('the GraphQL of the page is valid against the API', () => {
  const schema = buildSchema(readFileSync(join(root, 'services/gateway/supergraph.graphql'), 'utf8'), {
    assumeValidSDL: true,
  });
  const documents = [...page.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');
  expect(documents.length).toBeGreaterThan(5);
  for (const text of documents) expect(validate(schema, parseGraphql(text))).toEqual([]);
});

const promtool = spawnSync('promtool', ['--version']).status === 0;
const reason = promtool ? '' : ' (skipped: no promtool; it comes with the Debian package prometheus)';

(promtool ? test : test.skip)(
  `Prometheus takes the configuration; alerts fire when there is a problem and only then${reason}`,
  () => {
    for (const args of [
      ['check', 'config', 'prometheus.yml'],
      ['test', 'rules', 'alerts.test.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
      expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
    }
  },
);
