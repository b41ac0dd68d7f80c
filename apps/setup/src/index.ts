export { migrateService } from './migrate-all.ts';
export { rebuild } from './rebuild.ts';
