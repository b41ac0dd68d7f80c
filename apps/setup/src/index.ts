export { migrateService } from './migrate-all.ts';
export { rebuild } from './rebuild.ts';
export { reseal } from './reseal.ts';
