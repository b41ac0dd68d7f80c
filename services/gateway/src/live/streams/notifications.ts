import type { AgentId } from '@crossdesk/contracts';
import { liveStream } from '../live-stream.ts';

/** What a person is told of. */
export const notifications = liveStream<{ readonly agentId: AgentId }>({
  field: 'notifications',
  cursorField: 'notificationCursor',
  byIds: 'notificationEventsByIds',
  topics: ['conversation.notification'],
  shown: { 'conversation.agent-notified': ({ data }) => ({ agentId: data.agentId }) },
  filter(_, { agentId }) {
    return (facts) => facts.agentId === agentId;
  },
});
