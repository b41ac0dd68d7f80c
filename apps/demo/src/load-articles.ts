import { demoArticles } from './articles/demo-articles.ts';
import { type Ask, fieldIn, listIn, textIn, userErrorsIn } from './ask.ts';

const present = /* GraphQL */ `
  query PresentArticles {
    articles(first: 100) {
      edges {
        node {
          key
        }
      }
    }
  }
`;

const upsertArticle = /* GraphQL */ `
  mutation UpsertArticle($input: UpsertArticleInput!) {
    upsertArticle(input: $input) {
      article {
        id
      }
      errors {
        code
        message
      }
    }
  }
`;

const publishArticle = /* GraphQL */ `
  mutation PublishArticle($input: ChangeArticleInput!) {
    publishArticle(input: $input) {
      errors {
        code
        message
      }
    }
  }
`;

/** Nothing answers it: it shows what a gap is. */
const askSomething = /* GraphQL */ `
  query AskSomething {
    answer(question: "Do you offer gift wrapping?", locale: "en") {
      gap {
        askedCount
      }
    }
  }
`;

const dayMs = 86_400_000;

/**
 * Gives a seller without articles a handful of them, one to be reviewed soon, and a question that they do not answer.
 * @param askAsAdmin asks in the name of the seller's admin
 */
export async function loadArticles(askAsAdmin: Ask): Promise<void> {
  if (listIn(fieldIn(await askAsAdmin(present, {}), 'articles'), 'edges').length > 0) return;
  for (const { key, texts, reviewInDays, ...scope } of demoArticles) {
    const [originalLocale] = Object.keys(texts);
    const reviewBy = reviewInDays === null ? null : new Date(Date.now() + reviewInDays * dayMs).toISOString();
    const written = Object.entries(texts).map(([locale, text]) => ({ locale, ...text }));
    const input = { ...scope, key, originalLocale, reviewBy, texts: written };
    const payload = fieldIn(await askAsAdmin(upsertArticle, { input }), 'upsertArticle');
    refuseErrors(key, payload);
    const change = { articleId: textIn(fieldIn(payload, 'article'), 'id'), expectedVersion: 1 };
    refuseErrors(key, fieldIn(await askAsAdmin(publishArticle, { input: change }), 'publishArticle'));
  }
  await askAsAdmin(askSomething, {});
}

function refuseErrors(key: string, payload: unknown): void {
  const [refusal] = userErrorsIn(payload);
  if (refusal !== undefined) throw new Error(`the demo article ${key} was refused: ${refusal.message}`);
}
