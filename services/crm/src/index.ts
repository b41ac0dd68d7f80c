export { type CrmService, openCrm } from './app.ts';
