import { createInterface } from 'node:readline/promises';
import { createAgent, createWorkspace, hasWorkspaces } from '@crossdesk/conversation';
import type { Standalone } from './standalone.ts';
import { say } from './words.ts';

/**
 * Creates the first admin of an empty installation: asks at the terminal, and prints the setup code for starts without
 * a terminal.
 */
export async function askForFirstAdmin({ conversation, setupCode, graphqlUrl }: Standalone): Promise<void> {
  if (await hasWorkspaces(conversation)) return;
  say(`
There is no workspace yet. Create the first one with its admin at ${graphqlUrl}:

  mutation { createWorkspace(input: { setupCode: "${setupCode}", workspace: "my-shop", workspaceName: "My shop",
    displayName: "...", email: "...", password: "at least 12 characters" }) { accessToken errors { message } } }
`);
  if (process.stdin.isTTY) await askAtTerminal(conversation);
}

async function askAtTerminal(conversation: Standalone['conversation']): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C belongs to the process: it stops Crossdesk, not just the question.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const questions = async (): Promise<void> => {
    say('Or answer here:');
    const slug = await terminal.question('  short name of the workspace (a-z, 0-9, -): ');
    const name = await terminal.question('  name of the workspace: ');
    const displayName = await terminal.question('  your name: ');
    const email = await terminal.question('  your e-mail address: ');
    const password = await terminal.question('  password (12 characters or more): ');
    if (await hasWorkspaces(conversation)) return;
    const { tenantId } = await createWorkspace(conversation, { slug, name });
    await createAgent(conversation, tenantId, { displayName, email, password, role: 'admin' });
    say(`\nDone: sign in to the workspace ${slug} as ${email}.`);
  };
  void questions()
    .catch((error: unknown) =>
      say(
        `The workspace was not created: ${error instanceof Error ? error.message : 'unknown error'}. Use the mutation above.`,
      ),
    )
    .finally(() => terminal.close());
}
