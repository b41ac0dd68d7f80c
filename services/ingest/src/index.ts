export { type IngestOptions, type IngestService, openIngest } from './app.ts';
export { ingestSettingsIn, ingestVariables } from './config.ts';
