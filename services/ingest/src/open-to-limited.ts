/**
 * What callers may do whose custom role limits them to a part of the workspace (ADR 0087): look after the stores that
 * they see, and send files. Every other mutation concerns the whole workspace.
 */
export const openToLimited: readonly string[] = [
  'createUpload',
  'disableChannelAccount',
  'discardParkedWebhook',
  'replayParkedWebhook',
  'resolveUnknownDelivery',
  'resync',
  'retryMedia',
  'setStoreHoliday',
  'setSyncFrequency',
  'syncChannelAccount',
];
