import { liveStream } from '../live-stream.ts';

/** That the numbers of the inbox have changed: the answer shows those of now, so only the latest change matters. */
export const overviewChanges = liveStream<{ readonly isNews: true }>({
  field: 'inboxOverviewChanges',
  cursorField: 'inboxOverviewCursor',
  byIds: 'inboxOverviewChangesByIds',
  topics: ['analytics.inbox'],
  shown: { 'analytics.overview-changed': () => ({ isNews: true }) },
  isLatestEnough: true,
  filter: () => () => true,
});
