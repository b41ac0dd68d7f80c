import type { Demo } from './demo.ts';
import type { Standalone } from './standalone.ts';

/** Prints a line for the person at the terminal. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function sayReady({ graphqlUrl, webhookBaseUrl, healthUrl, dataDirectories }: Standalone, tookMs: number): void {
  say(`
Crossdesk is ready after ${(tookMs / 1_000).toFixed(1)} s.

  GraphQL and explorer   ${graphqlUrl}
  Webhooks               ${webhookBaseUrl}/:channel/:accountToken
  Health and metrics     ${healthUrl}/readyz, /metrics
  Data                   ${dataDirectories.join(' and ') || 'the Postgres at DATABASE_URL'}
  Stop                   Ctrl-C; the next start continues with the same data`);
}

export function sayDemo({ workspaces, twinUrl, messagesPerMinute }: Demo): void {
  say(`  Simulated platforms    ${twinUrl} (${messagesPerMinute} messages a minute)

Demo sign-ins (workspace, e-mail, password):`);
  for (const { slug, people } of workspaces) {
    for (const { role, email, password } of people)
      say(`  ${role.padEnd(11)} ${slug.padEnd(8)} ${email.padEnd(32)} ${password}`);
  }
  say('');
}

/** Warns of variables that have no effect: misspelt ones, or ones for another way to run. */
export function sayUnknown(names: readonly string[]): void {
  if (names.length > 0) say(`unknown variables, ignored: ${names.join(', ')} (.env.example lists all variables)`);
}
