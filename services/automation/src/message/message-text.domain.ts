import type { EventData } from '@crossdesk/contracts';

/** Who wrote a message. */
export type MessageAuthor = EventData<'conversation.message-added'>['author'];
