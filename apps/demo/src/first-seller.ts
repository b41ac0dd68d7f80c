import { askOverHttp, fieldIn, textIn, userErrorsIn } from './ask.ts';
import type { Person, Seller } from './sellers.ts';

const signIn = /* GraphQL */ `
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      accessToken
    }
  }
`;

const createWorkspace = /* GraphQL */ `
  mutation CreateWorkspace($input: CreateWorkspaceInput!) {
    createWorkspace(input: $input) {
      accessToken
      errors {
        code
        message
      }
    }
  }
`;

const createAgent = /* GraphQL */ `
  mutation CreateAgent($input: CreateAgentInput!) {
    createAgent(input: $input) {
      errors {
        code
        message
      }
    }
  }
`;

/** Creates the first workspace of an installation, with its people; at later starts only the admin signs in. */
export async function openFirstSeller(options: {
  readonly graphqlUrl: string;
  readonly setupCode: string;
  readonly seller: Seller;
}): Promise<{ adminToken: string }> {
  const { graphqlUrl, setupCode, seller } = options;
  const admin = personWith(seller, 'admin');
  const askAsNobody = askOverHttp(graphqlUrl, null);
  const signInInput = { workspace: seller.slug, email: admin.email, password: admin.password };
  const known = textIn(fieldIn(await askAsNobody(signIn, { input: signInInput }), 'signIn'), 'accessToken');
  if (known !== null) return { adminToken: known };

  const { displayName, email, password } = admin;
  const input = { setupCode, workspace: seller.slug, workspaceName: seller.name, displayName, email, password };
  const payload = fieldIn(await askAsNobody(createWorkspace, { input }), 'createWorkspace');
  const adminToken = textIn(payload, 'accessToken');
  if (adminToken === null)
    throw new Error(`the demo workspace was not created: ${userErrorsIn(payload)[0]?.message ?? 'no token'}`);
  for (const person of seller.people.filter(({ role }) => role !== 'admin')) await addPerson(adminToken, person);
  return { adminToken };

  async function addPerson(token: string, { role, ...person }: Person): Promise<void> {
    const added = { ...person, clientMutationId: `demo-${role}`, role: role.toUpperCase() };
    const answer = fieldIn(await askOverHttp(graphqlUrl, token)(createAgent, { input: added }), 'createAgent');
    const [refusal] = userErrorsIn(answer);
    if (refusal !== undefined) throw new Error(`the demo ${role} was not created: ${refusal.message}`);
  }
}

function personWith({ people }: Seller, role: Person['role']): Person {
  const found = people.find((person) => person.role === role);
  if (found === undefined) throw new Error(`the demo has no ${role}`);
  return found;
}
