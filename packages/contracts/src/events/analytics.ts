import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { Instant } from '../scalars.ts';

export const overviewChanged = defineEvent({
  type: 'analytics.overview-changed',
  version: 1,
  topic: 'analytics.inbox',
  description:
    'The numbers of the inbox are others than before. Told at most once a second; read the numbers through the API. Its key is the workspace.',
  data: Type.Object({ countedUntil: Instant }),
  personal: null,
});
