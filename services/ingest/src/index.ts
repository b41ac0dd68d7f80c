export { type IngestOptions, type IngestService, openIngest } from './app.ts';
export type { MediaOptions } from './media/media-deps.ts';
export { ingestSettingsIn, ingestVariables } from './config.ts';
