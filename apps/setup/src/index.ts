export { migrateService } from './migrate-all.ts';
