import type { TopicName } from '@crossdesk/contracts';

/** Notifies readers in this process at once of new records; readers in other processes find them by polling. */
export interface Nudges {
  nudge(topics: ReadonlySet<TopicName>): void;
  listen(topics: readonly TopicName[], wake: () => void): () => void;
}

export function createNudges(): Nudges {
  const listeners = new Set<{ topics: readonly TopicName[]; wake: () => void }>();
  return {
    nudge: (topics) => {
      for (const listener of listeners) if (listener.topics.some((topic) => topics.has(topic))) listener.wake();
    },
    listen: (topics, wake) => {
      const listener = { topics, wake };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
