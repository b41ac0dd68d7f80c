import type { LiveStream } from '../live-stream.ts';
import { inboxEvents } from './inbox-events.ts';
import { notifications } from './notifications.ts';
import { overviewChanges } from './overview-changes.ts';

/** Every live stream there is. */
export const liveStreams: readonly LiveStream[] = [inboxEvents, notifications, overviewChanges];
