import { cachedFolder } from '@crossdesk/local-kafka';
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../repository.ts';

const run = promisify(execFile);

/** How an example is started. */
export interface Command {
  readonly folder: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** An example that is ready to be started, or why this machine cannot. */
export type Prepared =
  { readonly command: Command; readonly reason: null } | { readonly command: null; readonly reason: string };

const folderOf = (language: string) => join(root, 'examples', language);

/** Its dependencies are part of the workspace. */
export const typescript = async (): Promise<Prepared> => ({
  command: { folder: folderOf('typescript'), program: process.execPath, args: ['follow.ts'] },
  reason: null,
});

export function python(): Promise<Prepared> {
  const folder = folderOf('python');
  return prepare(
    ['python3', ['-c', 'import sys, venv, ensurepip; print(sys.version, sys.platform)'], 'python3 with venv'],
    async (version) => {
      const requirements = join(folder, 'requirements.txt');
      const environment = await cachedFolder(`example-python-${hash(version, requirements)}`, async (filling) => {
        await run('python3', ['-m', 'venv', filling]);
        await run(join(filling, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements]);
      });
      return { folder, program: join(environment, 'bin/python'), args: ['follow.py'] };
    },
  );
}

export function java(): Promise<Prepared> {
  const folder = folderOf('java');
  const sources = ['pom.xml', 'src/main/java/FollowEvents.java', 'src/main/resources/simplelogger.properties'];
  return prepare(['mvn', ['--version'], 'Java 17 with Maven'], async (version) => {
    const key = hash(version, ...sources.map((source) => join(folder, source)));
    const built = await cachedFolder(`example-java-${key}`, async (filling) => {
      for (const source of sources) await cp(join(folder, source), join(filling, source));
      await run('mvn', ['--batch-mode', '--quiet', '-f', join(filling, 'pom.xml'), 'compile']);
    });
    const classPath = ['classes', 'dependency/*'].map((part) => join(built, 'target', part)).join(':');
    return { folder, program: 'java', args: ['-XX:TieredStopAtLevel=1', '-Xmx128m', '-cp', classPath, 'FollowEvents'] };
  });
}

/** In CI, if the tools exist, a failing build is an error, not a reason to skip. */
async function prepare(
  [program, args, name]: [string, string[], string],
  build: (version: string) => Promise<Command>,
): Promise<Prepared> {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) return { command: null, reason: `${name} not found` };
  try {
    return { command: await build(stdout), reason: null };
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    return { command: null, reason: `its dependencies cannot be fetched with ${name}` };
  }
}

function hash(version: string, ...files: string[]): string {
  const sum = createHash('sha256').update(version);
  for (const file of files) sum.update(readFileSync(file));
  return sum.digest('hex').slice(0, 16);
}
