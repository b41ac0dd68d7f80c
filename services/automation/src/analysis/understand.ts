import { entitiesOf } from './entities.domain.ts';
import { featuresOf } from './features.domain.ts';
import { fold } from '@crossdesk/folded-text';
import { lexicon } from './lexicon.ts';
import { model } from './model.ts';
import { scoresOf } from './model.domain.ts';
import { findPhrases } from './phrases.domain.ts';
import { risksOf } from './risks.domain.ts';
import { foundIntents, foundSentiment, rounded, type Understanding } from './understanding.domain.ts';

/** What a text says: the same text and model always give the same answer. */
export function understand(text: string, language: string | null): Understanding {
  const folded = fold(text);
  const found = findPhrases(lexicon, folded);
  const scores = scoresOf(model, featuresOf(folded, found, text));
  return {
    model: model.name,
    intents: /\p{L}/u.test(folded.text) ? foundIntents(scores, model.calibrations) : [],
    sentiment: foundSentiment(scores),
    complaint: rounded(scores.complaint),
    urgency: rounded(scores.urgency),
    risks: risksOf(folded, found, scores.negative),
    entities: entitiesOf(text.slice(0, folded.origins.at(-1)), folded, found, language),
  };
}
