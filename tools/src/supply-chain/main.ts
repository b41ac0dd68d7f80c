import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { licenceProblems, type Sbom } from './licences.ts';

// Writes what the repository is made of (CycloneDX), and fails when a package has a licence that is not allowed.
const folder = join(root, 'node_modules/.cache');
const file = join(folder, 'sbom.cdx.json');
const componentsMin = 100;

mkdirSync(folder, { recursive: true });
const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--out', file];
const { status, stderr, error } = spawnSync('npx', ['--yes', 'pnpm@12.21.0', ...args], { cwd: root, encoding: 'utf8' });
if (status !== 0) {
  console.error(`the list of packages cannot be written: ${error?.message ?? stderr}`);
  process.exit(1);
}
const sbom = JSON.parse(readFileSync(file, 'utf8')) as Sbom;
const problems = licenceProblems(sbom);
if (sbom.components.length < componentsMin) problems.push(`only ${sbom.components.length} packages are listed`);
for (const problem of problems) console.error(problem);
console.log(`${sbom.components.length} packages: ${file}`);
process.exitCode = problems.length === 0 ? 0 : 1;
