import type { ConversationId, MessageId } from '@crossdesk/contracts';
import type { Loaders, RequestContext, ServiceRuntime } from '@crossdesk/service-kit';
import type DataLoader from 'dataloader';
import type { StoredAnalysis, StoredConversation } from './analysis/analysis.loaders.ts';
import type { AssistantDeps } from './assistant/ask-assistant.ts';
import type { Background } from './assistant/background.ts';
import type { Used } from './assistant/budget.domain.ts';
import type { DB } from './db.ts';
import type { KnowledgeDeps } from './knowledge/retrieval/find-passages.ts';
import type { TranslationProviderId } from './translation/ids.ts';
import type { MessageTranslationRow } from './translation/message/message-translation.store.ts';
import type { UsageRow } from './translation/provider/provider.store.ts';
import type { TranslateDeps } from './translation/translate-text.ts';

export interface GraphqlContext {
  readonly request: RequestContext;
  readonly app: {
    readonly runtime: ServiceRuntime<DB>;
    readonly translation: { readonly deps: TranslateDeps; readonly allowPrivateAddresses: boolean };
    readonly assistant: AssistantDeps;
    readonly knowledge: KnowledgeDeps;
    readonly background: Background;
    readonly nudgeTranslator: () => void;
    readonly nudgeClassifier: () => void;
    readonly nudgeReprocessor: () => void;
    readonly nudgeSimulator: () => void;
  };
  readonly loaders: Loaders<DB>;
  readonly assistantUse: () => Promise<Used>;
  readonly analyses: DataLoader<MessageId, StoredAnalysis | null>;
  readonly conversations: DataLoader<ConversationId, StoredConversation | null>;
  readonly messageTranslations: DataLoader<MessageId, MessageTranslationRow[]>;
  readonly providerUsage: DataLoader<TranslationProviderId, UsageRow | null>;
}
