import type { Projection } from '@crossdesk/service-kit';
import { onConversation } from './on-conversation.ts';
import type { DB } from '../db.ts';

/** The inbox in numbers, as it can be rebuilt from the history of the conversations. */
export const inboxProjection: Projection<DB> = {
  service: 'analytics',
  consumer: onConversation,
  tables: [
    { name: 'conversation_fact', meaningful: 'version > 0' },
    { name: 'inbox_counter', meaningful: 'conversation_count <> 0' },
    { name: 'inbox_progress' },
  ],
};
