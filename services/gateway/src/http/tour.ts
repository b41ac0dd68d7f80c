const signIn = `# 1. Sign in. Copy the accessToken into the Headers editor below, in the other tabs too:
#    { "authorization": "Bearer <accessToken>" }
#    An API token (cdk_...) works the same way. These are the demo's; use your own elsewhere.
mutation SignIn {
  signIn(input: { workspace: "lumina", email: "agent@lumina.example", password: "demo-lumina-agent" }) {
    accessToken
    expiresAt
    errors { code message }
  }
}
`;

const inbox = `# 2. One request, five services: the inbox with each buyer's customer record and the order they write about.
query Inbox {
  me { displayName role }
  inboxOverview { conversationCount rows { channel state conversationCount } }
  conversations(first: 10, orderBy: WAITING_LONGEST) {
    edges {
      node {
        id
        number
        channel
        buyerName
        state
        waitingSince
        replyWindowClosesAt
        account { displayName }
        customer { displayName orders(first: 3) { edges { node { externalId state } } } }
        orderLink { confidence reason order { externalId state total { amountMinor currency } } }
        messages(first: 5) { edges { node { author text language { locale } occurredAt } } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const live = `# 3. The same inbox, live. Give the last cursor as "after" to continue without gaps or duplicates.
subscription Live {
  inboxEvents {
    id
    kind
    cursor
    conversation { id buyerName state customer { displayName } }
    message { author text delivery { status } }
  }
}
`;

/** The first tabs of the explorer; a test checks them against the supergraph. */
export const tourTabs = [{ query: signIn }, { query: inbox }, { query: live }];
