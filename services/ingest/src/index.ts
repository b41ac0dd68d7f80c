export { type IngestOptions, type IngestService, openIngest } from './app.ts';
export { platformTimesIn, platformVariables } from './config.ts';
