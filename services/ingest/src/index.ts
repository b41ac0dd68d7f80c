export { type IngestOptions, type IngestService, openIngest } from './app.ts';
